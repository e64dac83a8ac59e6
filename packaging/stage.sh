#!/bin/sh
# Lays out below ROOT the files that every kind of package holds.
# Usage: stage.sh ROOT BINARIES SBOM (deb|rpm)
set -eu
root=$1 binaries=$2 sbom=$3 kind=$4
cd "$(dirname "$0")/.."
umask 022

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
put 0644 /usr/share/gatesh/rsyslog packaging/rsyslog/30-gatesh.conf
put 0644 /usr/share/gatesh/logrotate packaging/logrotate/gatesh packaging/logrotate/gatesh-file
put 0644 /usr/share/gatesh/aws packaging/cloudwatch/alarms.yaml packaging/fleet/association.yaml \
    packaging/ami/cloud-init.yaml
install -m 0644 packaging/cloudwatch/agent.json "$root/usr/share/gatesh/aws/cloudwatch-agent.json"

put 0644 /usr/share/doc/gatesh README.md SECURITY.md docs/*.md packaging/cloudwatch/cloudwatch-queries.md "$sbom"
