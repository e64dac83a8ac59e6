# shellcheck shell=sh
# Part of the maintainer scripts of the packages: where deploy-policy made a link of /etc/gatesh, gatesh.toml behind it
# came with the administrator's bundle. The package manager takes it for the package's, deletes it or sets it aside,
# and rpm takes the link too.

# Before the package manager has been there.
gatesh_keep_policy() {
    [ -L /etc/gatesh ] || return 0
    readlink /etc/gatesh >/var/lib/gatesh/link.kept || return 0
    cp -p /etc/gatesh/gatesh.toml /var/lib/gatesh/gatesh.toml.kept 2>/dev/null || :
}

# Afterwards.
gatesh_restore_policy() {
    [ -s /var/lib/gatesh/link.kept ] || return 0
    [ -e /etc/gatesh ] || [ -L /etc/gatesh ] || ln -s "$(cat /var/lib/gatesh/link.kept)" /etc/gatesh
    if [ "$(readlink /etc/gatesh)" = "$(cat /var/lib/gatesh/link.kept)" ] && [ -d /etc/gatesh/. ]; then
        if [ -f /var/lib/gatesh/gatesh.toml.kept ] && [ ! -e /etc/gatesh/gatesh.toml ]; then
            mv /var/lib/gatesh/gatesh.toml.kept /etc/gatesh/gatesh.toml
        fi
        ! cmp -s /etc/gatesh/gatesh.toml /etc/gatesh/gatesh.toml.rpmsave || rm -f /etc/gatesh/gatesh.toml.rpmsave
    fi
    rm -f /var/lib/gatesh/link.kept /var/lib/gatesh/gatesh.toml.kept
}
