set -eu
umask 022
policy=/etc/gatesh
incoming=/var/lib/gatesh/incoming
archive=$(find "$incoming" -type f -name '*.tar.gz' | head -n 1)
echo '{{ sha256 }}'"  $archive" | sha256sum -c -
staged=$(mktemp -d "$policy.staged.XXXXXX")
trap 'rm -rf "$staged" "$incoming"' EXIT
tar -xzf "$archive" -C "$staged" --no-same-owner --no-same-permissions
find "$staged" ! -type f ! -type d -exec false {} +
chown -R root:root "$staged"
find "$staged" -type d -exec chmod 0755 {} +
find "$staged" -type f -exec chmod 0644 {} +
gateshctl check "$staged"
gateshctl test "$staged"
mkdir -p "$policy/groups.d" "$policy/sets.d"
for directory in sets.d groups.d .; do
  for file in "$staged/$directory"/*.toml; do
    [ -f "$file" ] || continue
    name=$(basename "$file")
    cp "$file" "$policy/$directory/.$name.new"
    mv -f "$policy/$directory/.$name.new" "$policy/$directory/$name"
  done
done
for directory in groups.d sets.d; do
  for file in "$policy/$directory"/*.toml; do
    [ -f "$file" ] || continue
    [ -f "$staged/$directory/$(basename "$file")" ] || rm -f "$file"
  done
done
gateshctl check "$policy"
