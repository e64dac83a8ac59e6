#!/bin/sh
# What image builds, first boots and State Manager run on a host, run in clean systems: the Image Builder component,
# Packer's commands, the cloud-init script and the association's document. `aws` and `dnf` are stand-ins that copy
# from a directory and hand the package to dpkg; everything else is real. Usage: images.sh PACKAGE.deb   (root)
set -u
cd "$(dirname "$0")/../.." || exit 1
if [ "${1:-}" != --inner ]; then
    exec unshare --mount --pid --mount-proc --fork --kill-child "$0" --inner "$(readlink -f "$1")"
fi
deb=$2
. tests/packaging/lib.sh
private=yes
mkdir -p target/packaging
work=$(mktemp -d target/packaging/images.XXXXXX) || exit 1
trap 'umount -lR "$PWD/$work"/* 2>/dev/null; rm -rf "$work"' EXIT
digest() { sha256sum <"$1" | cut -d' ' -f1; }

bundle() { # NAME: packs $work/policy
    tar -C "$work/policy" --sort=name --owner=0 --group=0 --mtime=@0 -czf "$work/$1.tar.gz" .
}
mkdir "$work/policy"
cp -r config/gatesh.toml config/groups.d config/sets.d "$work/policy/"
rm "$work/policy/groups.d/package-updaters.toml"
bundle one
echo '# the second' >>"$work/policy/gatesh.toml" && bundle two
echo 'oops = 1' >>"$work/policy/gatesh.toml" && bundle faulty
package_sha256=$(digest "$deb")

host() { # NAME: a clean system as an image build finds it, with the stand-ins and the bucket
    root=$PWD/$work/$1
    clean_system "$root"
    furnish
    mkdir -p "$root/root/s3/bucket" "$root/etc/sudoers.d" "$root/var/lib/amazon/ssm/i-1/inventory/custom"
    cp "$deb" "$root/root/s3/bucket/gatesh.package"
    cp "$work"/*.tar.gz "$root/root/s3/bucket/"
    # shellcheck disable=SC2016 # the stand-in's own words
    printf '%s\n' '#!/bin/sh' 'for word; do case $word in s3://*) from=$word ;; esac; to=$word; done' \
        'exec cp "/root/s3/${from#s3://}" "$to"' >"$root/usr/local/bin/aws"
    # shellcheck disable=SC2016
    printf '%s\n' '#!/bin/sh' 'echo "$@" >>/root/asked-for' 'exec dpkg -i "$3"' >"$root/usr/local/bin/dnf"
    # apt would ask the network.
    cp "$root/usr/local/bin/dnf" "$root/usr/local/bin/apt-get"
    # shellcheck disable=SC2016
    printf '%s\n' '#!/bin/sh' 'echo "$@" >>/root/cloudwatch-agent' >"$root/usr/bin/amazon-cloudwatch-agent-ctl"
    # Nothing runs here that could be started or stopped now.
    # shellcheck disable=SC2016
    printf '%s\n' '#!/bin/bash' 'echo "$@" >>/root/systemctl' 'exec /usr/bin/systemctl "${@/#--now/--quiet}"' \
        >"$root/usr/local/bin/systemctl"
    for unit in amazon-ssm-agent amazon-cloudwatch-agent; do
        printf '%s\n' '[Service]' 'ExecStart=/bin/true' '[Install]' 'WantedBy=multi-user.target' \
            >"$root/usr/lib/systemd/system/$unit.service"
    done
    # As on Amazon Linux 2023: nothing carries records.
    inside systemctl disable rsyslog.service >/dev/null 2>&1
    chmod 0755 "$root/usr/local/bin"/* "$root/usr/bin/amazon-cloudwatch-agent-ctl"
    echo 'ssm-user ALL=(ALL) NOPASSWD:ALL' >"$root/etc/sudoers.d/ssm-agent-users"
    echo 'hello from the log' >"$root/var/log/app.log" && chmod 0644 "$root/var/log/app.log"
    printf '%s\n' 'module(load="imuxsock")' '*.* /var/log/all' >"$root/etc/rsyslog.conf"
    inside rsyslogd -n -iNONE &
    rsyslogd=$!
    within_a_minute test -S "$root/dev/log"
}
runs() { # KIND NAME=VALUE...: what the artefact has the host run
    python3 tests/packaging/images.py "$@" >"$root/root/script" || return 99
    inside env PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh /root/script
}
is_ready() { # TEXT
    holds "$1: no sudo rule of the agent's is left" test ! -e "$root/etc/sudoers.d/ssm-agent-users"
    expect 0 "$1: a session account reads a log" inside su - gatesh-log-readers -c 'cat /var/log/app.log'
    said '^hello from the log$' "$1: and sees it"
    expect 126 "$1: and does not read the password file" inside su - gatesh-log-readers -c 'cat /etc/shadow'
    expect 125 "$1: ssm-user, who is in no group, gets nothing" inside su - ssm-user -c 'cat /var/log/app.log'
    holds "$1: the policy is the one named" test "$(readlink "$root/etc/gatesh")" = \
        "/var/lib/gatesh/policies/$(digest "$work/one.tar.gz" | cut -c 1-16)"
}
# From the session to the file that the CloudWatch agent sends, and at the next boot, too.
carries_records() { # TEXT
    holds "$1: rsyslog is asked for" grep -q ' rsyslog' "$root/root/asked-for"
    holds "$1: it is started at boot" test -L "$root/etc/systemd/system/multi-user.target.wants/rsyslog.service"
    holds "$1: its file is rotated" test -f "$root/etc/logrotate.d/gatesh"
    # It starts anew, as at a boot, with what the recipe put there and nothing else.
    kill "$rsyslogd"
    wait "$rsyslogd" 2>/dev/null
    rm -f "$root/dev/log"
    printf '%s\n' 'module(load="imuxsock")' 'include(file="/etc/rsyslog.d/*.conf")' >"$root/etc/rsyslog.conf"
    inside rsyslogd -n -iNONE &
    within_a_minute test -S "$root/dev/log"
    expect 126 "$1: a line is denied" inside su - gatesh-log-readers -c 'cat /etc/gshadow'
    holds "$1: its record is in the file" within_a_minute grep -qs 'etc/gshadow' "$root/var/log/gatesh/audit.json"
    # shellcheck disable=SC2016 # the last line, in sed's words
    expect 0 "$1: the CloudWatch agent is told of a file" \
        sed -n '$s/.*append-config.* -c file:\(.*\)/\1/p' "$root/root/cloudwatch-agent"
    said '^/usr/share/gatesh/aws/cloudwatch-agent.json$' "$1: ours"
    expect 0 "$1: that names this one" grep '"/var/log/gatesh/audit.json"' "$root$(cat "$work/out")"
    holds "$1: and is started at boot" \
        test -L "$root/etc/systemd/system/multi-user.target.wants/amazon-cloudwatch-agent.service"
}
component() { # PACKAGE-SHA256 POLICY
    runs component PackageUri=s3://bucket/gatesh.package PackageSha256="$1" PolicyUri="s3://bucket/$2.tar.gz" \
        PolicySha256="$(digest "$work/$2.tar.gz")" SessionUsers="--user gatesh-log-readers:log-readers" \
        Records=--records
}

host component
expect 1 "component: a package with another digest is not installed" component "$(digest /dev/null)" one
holds "component: nor is anything there" test ! -e "$root/usr/bin/gatesh"
expect 1 "component: no image with a faulty policy" component "$package_sha256" faulty
expect 0 "component: build, validate and test pass" component "$package_sha256" one
said '# test: Doctor' "component: down to the last step"
is_ready component
carries_records component

document() { # POLICY SHA256 PROBE
    runs document policyUri="s3://bucket/$1.tar.gz" policySha256="$2" probe="$3"
}
second=$(digest "$work/two.tar.gz")
expect 1 "association: another digest, nothing is taken" document two "$(digest /dev/null)" ''
said 'digest is' "association: and why"
expect 1 "association: a probe that is not allowed takes it back" \
    document two "$second" 'gatesh-log-readers=cat /etc/shadow'
said '"result":"rolled-back"' "association: and it says so"
said 'does not match <log>' "association: and why"
expect 0 "association: the second policy is put in place" \
    document two "$second" 'gatesh-log-readers=cat /var/log/app.log'
said '"result":"deployed"' "association: and it says so"
said '^probe gatesh-log-readers=cat /var/log/app.log: allowed$' "association: with a line for the probe"
unsaid '^  (words|argv) ' "association: and no more than that"
expect 0 "association: inventory has the digest to look for drift by" \
    grep "\"result\":\"deployed\",\"policy\":\"$(printf %.16s "$second")\"" \
    "$root/var/lib/amazon/ssm/i-1/inventory/custom/gatesh.json"
expect 0 "association: without a probe, the same again changes nothing" document two "$second" ''
said '"result":"unchanged"' "association: and it says so"

host packer
expect 0 "packer: its commands pass" runs packer var.package=/root/s3/bucket/gatesh.package \
    var.policy=/root/s3/bucket/one.tar.gz var.policy_sha256="$(digest "$work/one.tar.gz")" \
    local.users="--user gatesh-log-readers:log-readers"
is_ready packer
carries_records packer

host cloud-init
cloud_init() { # PACKAGE-SHA256 POLICY
    runs cloud-init BUCKET/gatesh.rpm=bucket/gatesh.package BUCKET/policy.tar.gz="bucket/$2.tar.gz" \
        PACKAGE-SHA256="$1" POLICY-SHA256="$(digest "$work/$2.tar.gz")"
}
agent_is_kept_down() { # TEXT
    holds "cloud-init: $1, the agent cannot start" \
        test "$(readlink "$root/etc/systemd/system/amazon-ssm-agent.service")" = /dev/null
}
inside systemctl enable amazon-ssm-agent.service >/dev/null 2>&1
expect 1 "cloud-init: another digest, nothing is installed" cloud_init "$(digest /dev/null)" one
agent_is_kept_down "without gatesh"
holds "cloud-init: and what had started is stopped" grep -qx 'mask --now amazon-ssm-agent.service' "$root/root/systemctl"
expect 1 "cloud-init: a policy with a fault is not taken" cloud_init "$package_sha256" faulty
agent_is_kept_down "without a policy"
expect 0 "cloud-init: its commands pass" cloud_init "$package_sha256" one
is_ready cloud-init
carries_records cloud-init
expect 0 "cloud-init: now the agent starts" inside systemctl is-enabled amazon-ssm-agent.service
finish
