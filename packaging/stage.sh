#!/bin/sh
# Lays out below ROOT the files that every kind of package holds.
# Usage: stage.sh ROOT BINARIES SBOM (deb|rpm)
set -eu
root=$1 binaries=$2 sbom=$3 kind=$4
cd "$(dirname "$0")/.."
umask 022

work=$(mktemp)
trap 'rm -f "$work"' EXIT
put() { # MODE TO FROM...
    mode=$1 to=$root$2
    shift 2
    install -d "$to"
    install -m "$mode" "$@" "$to"
}
zipped() { # TO FROM
    install -d "$(dirname "$root$1")"
    gzip -9nc "$2" >"$root$1"
}

put 0755 /usr/bin "$binaries/gatesh" "$binaries/gateshctl"
for section in 1 5; do
    for page in packaging/man/*."$section"; do
        zipped "/usr/share/man/man$section/$(basename "$page").gz" "$page"
    done
done

put 0644 /usr/share/bash-completion/completions packaging/completions/gateshctl.bash
mv "$root/usr/share/bash-completion/completions/gateshctl.bash" "$root/usr/share/bash-completion/completions/gateshctl"
put 0644 /usr/share/fish/vendor_completions.d packaging/completions/gateshctl.fish
case $kind in
    deb) put 0644 /usr/share/zsh/vendor-completions packaging/completions/_gateshctl ;;
    rpm) put 0644 /usr/share/zsh/site-functions packaging/completions/_gateshctl ;;
esac

put 0644 /usr/lib/sysusers.d packaging/sysusers/gatesh.conf
put 0644 /usr/lib/tmpfiles.d packaging/tmpfiles/gatesh.conf
put 0644 /usr/lib/systemd/system systemd/gatesh-check.path systemd/gatesh-check.service \
    systemd/gatesh-doctor.service systemd/gatesh-doctor.timer
put 0755 /usr/libexec/gatesh packaging/fleet/deploy-policy packaging/fleet/provision

# Only settings are a configuration file of the package; rules are the administrator's from the first one on.
put 0644 /etc/gatesh config/gatesh.toml
install -d "$root/etc/gatesh/groups.d" "$root/etc/gatesh/sets.d"

put 0644 /usr/share/gatesh/examples config/gatesh.toml packaging/sysusers/gatesh-groups.conf.example
put 0644 /usr/share/gatesh/examples/groups.d config/groups.d/*.toml
put 0644 /usr/share/gatesh/examples/sets.d config/sets.d/*.toml
# A policy of several roles, complete in itself.
put 0644 /usr/share/gatesh/examples/roles config/examples/gatesh.toml
put 0644 /usr/share/gatesh/examples/roles/groups.d config/examples/groups.d/*.toml
put 0644 /usr/share/gatesh/rsyslog packaging/rsyslog/30-gatesh.conf
put 0644 /usr/share/gatesh/logrotate packaging/logrotate/gatesh packaging/logrotate/gatesh-file
put 0644 /usr/share/gatesh/aws packaging/cloudwatch/alarms.yaml packaging/fleet/association.yaml \
    packaging/ami/*.yaml packaging/ami/*.hcl
install -m 0644 packaging/cloudwatch/agent.json "$root/usr/share/gatesh/aws/cloudwatch-agent.json"
(cd packaging/ansible && find roles -type f) | while IFS= read -r file; do
    put 0644 "/usr/share/gatesh/ansible/$(dirname "$file")" "packaging/ansible/$file"
done

# The documents lie beside each other, so their links lead there; what stands elsewhere in the sources is named where
# it is installed, and what is not installed at all is said to be of the sources.
case $kind in
    deb) changelog=changelog.gz ;; # as Debian wants it called
    rpm) changelog=CHANGELOG.md ;;
esac
put 0644 /usr/share/doc/gatesh "$sbom"
put 0644 /usr/share/doc/gatesh/picture docs/picture/session.svg
for document in README.md SECURITY.md docs/*.md packaging/cloudwatch/cloudwatch-queries.md; do
    sed -e 's#\[docs/picture/make.py\](docs/picture/make.py)#docs/picture/make.py in the sources#' \
        -e 's#\[Contributing\](CONTRIBUTING.md)#Contributing (in the sources)#' \
        -e "s#](CHANGELOG.md)#]($changelog)#" \
        -e 's#\[docs/\([a-z-]*\.md\)\]#[\1]#g' -e 's#](docs/#](#g' -e 's#](../packaging/cloudwatch/#](#g' \
        -e 's#config/examples/#/usr/share/gatesh/examples/roles/#g' \
        -e 's#packaging/fleet/association.yaml#/usr/share/gatesh/aws/association.yaml#g' \
        -e 's#packaging/ami/#/usr/share/gatesh/aws/#g' -e 's#packaging/ansible#/usr/share/gatesh/ansible#g' \
        "$document" >"$work"
    install -m 0644 "$work" "$root/usr/share/doc/gatesh/$(basename "$document")"
done
