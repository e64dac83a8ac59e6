#!/bin/sh
# The scripts of the Distributor package in a clean Debian: install, update, damaged and unfit packages, uninstall.
# Usage: distributor.sh OLD_DIST NEW_DIST   (root)
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ "${1:-}" != --inner ]; then
    exec unshare --mount --pid --mount-proc --fork --kill-child "$0" --inner "$(readlink -f "$1")" "$(readlink -f "$2")"
fi
old=$2 new=$3
. tests/packaging/lib.sh
private=yes
mkdir -p target/packaging
work=$(mktemp -d target/packaging/distributor.XXXXXX)
root=$PWD/$work/root
trap 'umount -lR "$root" 2>/dev/null; rm -rf "$work"' EXIT
clean_system "$root"
furnish
unzipped() { # DIST NAME: as the agent does
    mkdir "$root/root/$2"
    python3 -c 'import shutil, sys; shutil.unpack_archive(sys.argv[1], sys.argv[2])' \
        "$1/distributor/gatesh-deb-x86_64.zip" "$root/root/$2"
    chmod +x "$root/root/$2"/*.sh
}
as_before() { # TEXT
    expect 0 "$1" session 'cat /var/log/app.log'
    holds "with the program it had" cmp "$root/usr/bin/gatesh" "$root/root/old/gatesh"
}
unzipped "$old" old
expect 0 "it installs" inside /root/old/install.sh
people
start_rsyslog
as_before "a session works"

unzipped "$new" torn
echo x >>"$root/root/torn/gatesh"
expect 1 "a damaged package is not installed" inside /root/torn/update.sh
said 'the package is damaged' "and says so"
as_before "a session works all the same"

unzipped "$new" foreign
printf '#!/bin/sh\nexit 1\n' >"$root/root/foreign/gatesh"
inside sh -c 'cd /root/foreign && sha256sum gatesh* >SHA256SUMS'
expect 1 "programs that do not run here are not installed" inside /root/foreign/update.sh
said 'do not work on this host' "and it says so"
as_before "a session works all the same"

unzipped "$new" other
cp "$root/root/old/gatesh" "$root/root/other/gatesh"
inside sh -c 'cd /root/other && sha256sum gatesh* >SHA256SUMS'
expect 1 "a package that holds another program is taken back" inside /root/other/update.sh
said 'were put back' "and it says so"
as_before "a session works all the same"

unzipped "$new" new
expect 0 "it updates" inside /root/new/update.sh
expect 0 "a session works" session 'cat /var/log/app.log'
holds "with the new program" cmp "$root/usr/bin/gatesh" "$root/root/new/gatesh"
expect 0 "it goes back to the version before" inside /root/old/install.sh
as_before "a session works"
expect 1 "it does not go while an account uses it" inside /root/old/uninstall.sh
said '^  ann$' "and lists the account"
as_before "a session works"
inside usermod -s /bin/bash ann
expect 0 "it goes when nobody uses it" inside /root/old/uninstall.sh
holds "and is gone" test ! -e "$root/usr/bin/gatesh"
finish
