#!/bin/sh
# The scripts of the Distributor packages in a clean Debian: install, update, damaged and unfit packages, uninstall.
# For the .rpm it has this machine's rpm and an empty database, so --nodeps.
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
work=$(mktemp -d target/packaging/distributor.XXXXXX) || exit 1
trap 'umount -lR "$PWD/$work"/* 2>/dev/null; rm -rf "$work"' EXIT
# A copy of it, with its libraries.
with_rpm() {
    mkdir -p "$root/opt/rpm/lib"
    cp -L "$(command -v rpm)" "$root/opt/rpm/rpm"
    ldd "$(command -v rpm)" | awk '$2 == "=>" { print $3 } $1 ~ /^\// { print $1 }' |
        while read -r library; do cp -L "$library" "$root/opt/rpm/lib/"; done
    cp -rL /usr/lib/rpm "$root/opt/rpm/settings"
    # shellcheck disable=SC2016 # the program's own words
    printf '%s\n' '#!/bin/sh' 'export RPM_CONFIGDIR=/opt/rpm/settings' \
        'exec /opt/rpm/lib/ld-linux-x86-64.so.2 --library-path /opt/rpm/lib /opt/rpm/rpm --nodeps "$@"' \
        >"$root/usr/bin/rpm"
    chmod 0755 "$root/usr/bin/rpm"
}
unzipped() { # DIST NAME: as the agent does
    mkdir "$root/root/$2"
    python3 -c 'import shutil, sys; shutil.unpack_archive(sys.argv[1], sys.argv[2])' \
        "$1/distributor/gatesh-$kind-x86_64.zip" "$root/root/$2"
    chmod +x "$root/root/$2"/*.sh
}
as_before() { # TEXT
    expect 0 "$1" session 'cat /var/log/app.log'
    holds "with the program it had" cmp "$root/usr/bin/gatesh" "$root/root/old/gatesh"
}
for kind in deb rpm; do
    root=$PWD/$work/$kind
    clean_system "$root"
    furnish
    [ $kind = deb ] || with_rpm
    unzipped "$old" old
    expect 0 "$kind: it installs" inside /root/old/install.sh
    people
    start_rsyslog
    as_before "a session works"

    unzipped "$new" torn
    echo x >>"$root/root/torn/gatesh"
    expect 1 "$kind: a damaged package is not installed" inside /root/torn/update.sh
    said 'the package is damaged' "and says so"
    as_before "a session works all the same"

    unzipped "$new" foreign
    printf '#!/bin/sh\nexit 1\n' >"$root/root/foreign/gatesh"
    inside sh -c 'cd /root/foreign && sha256sum gatesh* >SHA256SUMS'
    expect 1 "$kind: programs that do not run here are not installed" inside /root/foreign/update.sh
    said 'do not work on this host' "and it says so"
    as_before "a session works all the same"

    unzipped "$new" other
    cp "$root/root/old/gatesh" "$root/root/other/gatesh"
    inside sh -c 'cd /root/other && sha256sum gatesh* >SHA256SUMS'
    expect 1 "$kind: a package that holds another program is taken back" inside /root/other/update.sh
    said 'were put back' "and it says so"
    as_before "a session works all the same"

    unzipped "$new" new
    expect 0 "$kind: it updates" inside /root/new/update.sh
    expect 0 "$kind: a session works" session 'cat /var/log/app.log'
    holds "$kind: with the new program" cmp "$root/usr/bin/gatesh" "$root/root/new/gatesh"
    expect 0 "$kind: it goes back to the version before" inside /root/old/install.sh
    as_before "a session works"
    expect 1 "$kind: it does not go while an account uses it" inside /root/old/uninstall.sh
    said '^  ann$' "and lists the account"
    as_before "a session works"
    inside usermod -s /bin/bash ann
    expect 0 "$kind: it goes when nobody uses it" inside /root/old/uninstall.sh
    holds "$kind: and is gone" test ! -e "$root/usr/bin/gatesh"
done
finish
