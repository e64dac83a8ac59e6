#!/bin/sh
# Every artefact against its own tool, where that is installed; what is not checked is said.
# Usage: lint.sh DIST BINARIES   (what packaging/build.sh made, and from what)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/packaging/lib.sh
dist=$1 binaries=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
have() { # TOOL WHAT
    command -v "$1" >/dev/null 2>&1 && return 0
    skip "$2: $1 is not installed"
    return 1
}
# A package's files in target/packaging/PACKAGE, unpacked and not installed: this machine stays as it is.
unpacked() { # PACKAGE
    there=target/packaging/$1
    [ ! -d "$there" ] || return 0
    # The lists of a fresh machine may be old or not there at all.
    (mkdir -p "$work/$1" && cd "$work/$1" && { apt-get download -qq "$1" 2>/dev/null ||
        { apt-get update -qq && apt-get download -qq "$1"; }; } >/dev/null 2>&1 && dpkg -x ./*.deb tree) &&
        mkdir -p target/packaging && mv "$work/$1/tree" "$there" && return 0
    skip "what needs $1: it cannot be downloaded"
    return 1
}

scripts=$(grep -rlE '^#!/bin/sh|^# shellcheck shell=sh' packaging tests/packaging)
# shellcheck disable=SC2086 # a list of names
if have shellcheck "shell scripts"; then
    expect 0 "shell scripts" shellcheck -x $scripts
fi
# The linker of aarch64, with rustc's words for a program, and on a host of aarch64 for a build script and a macro.
printf '#!/bin/sh\necho "$*"\n' >"$work/cc" && chmod 0755 "$work/cc"
links() { # WANTED WORD...
    wanted=$1
    shift
    test "$(GATESH_CC=$work/cc packaging/static-pie.sh "$@")" = "$wanted"
}
holds "the linker of aarch64 makes static programs that can lie anywhere" \
    links '-static-pie x.o -o a b -lc' -static -no-pie x.o -o 'a b' -lc
holds "and leaves a program with a loader" links '-pie -static-libgcc x.o' -pie -static-libgcc x.o
holds "and a library as they are" links '-shared x.o' -shared x.o
# packaging/test.sh for somebody who is not root.
root_only=$(sed -n '/^root_only()/,/^}/p' packaging/test.sh)
as_nobody() { if [ "$(id -u)" = 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi; }
expect 0 "a part that only root can run is a failure in CI" \
    as_nobody env CI=yes sh -c "failed=''; $root_only
root_only deb true; test \"\$failed\" = ' deb(skipped)'"
expect 0 "and elsewhere none" as_nobody env CI= sh -c "failed=''; $root_only
root_only deb true; test -z \"\$failed\""
have bash "bash completion" && expect 0 "bash completion" bash -n packaging/completions/gateshctl.bash
have zsh "zsh completion" && expect 0 "zsh completion" zsh -n packaging/completions/_gateshctl
have fish "fish completion" && expect 0 "fish completion" fish -n packaging/completions/gateshctl.fish

lint_packages "$dist"
# Of the source, where a word ends where it ends; lintian looks in the program (packaging/deb/lintian-overrides).
misspelt() { find "$@" -type f -exec spellintian {} + | grep -v '(duplicate word)'; }
if have spellintian "spelling"; then
    expect 1 "no misspelt word in the source and in what is read" \
        misspelt src config docs packaging/man README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md
    echo "no acess" >"$work/spelling"
    expect 0 "and one would be found" misspelt "$work/spelling"
fi
# That a warning fails: without the filters there are some.
if have rpmlint "rpmlint's warnings"; then
    sed '/^Filters/,$d' packaging/rpm/rpmlint.toml >"$work/rpmlint.toml"
    expect 64 "a warning that nothing filters is a failure" rpmlint --strict -c "$work/rpmlint.toml" "$dist"/gatesh-*.rpm
fi

# It stands in Cargo.toml, and what is made of that says it; a second place would be forgotten.
version=$(sed -n '/^\[package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)
expect 1 "no other file has the version" grep -rnFw "$version" README.md SECURITY.md docs packaging systemd config
holds "and a file that had it would be found" grep -qFw "$version" Cargo.toml

if have systemd-analyze "systemd units"; then
    # The program and the pages they name need not be installed here.
    mkdir "$work/units"
    for unit in systemd/*; do
        sed -e 's#/usr/bin/gateshctl#/bin/true#' -e '/^Documentation=/d' "$unit" >"$work/units/$(basename "$unit")"
    done
    expect 0 "units: systemd-analyze verify" systemd-analyze verify --man=no "$work"/units/*
    unsaid . "and it has nothing to say"
    for unit in gatesh-check gatesh-doctor; do
        # 0 to 100; a unit without any hardening has 96.
        expect 0 "$unit.service: systemd-analyze security, exposure at most 2.0" \
            systemd-analyze security --no-pager --offline=yes --threshold=20 "systemd/$unit.service"
    done
fi
if have logrotate "rotation"; then
    for file in packaging/logrotate/*; do
        cp "$file" "$work/rotate" && chmod 0644 "$work/rotate"
        expect 0 "rotation: $(basename "$file")" logrotate -d "$work/rotate"
        holds "and it finds no error" sh -c "! logrotate -d '$work/rotate' 2>&1 | grep -i error"
    done
fi
if have rsyslogd "rsyslog"; then
    # Its group is made on installation; here root's stands for it.
    sed 's/fileGroup="gatesh-audit"/fileGroup="root"/' packaging/rsyslog/30-gatesh.conf >"$work/rsyslog.conf"
    expect 0 "rsyslog: rsyslogd -N1" rsyslogd -N1 -f "$work/rsyslog.conf"
fi

have cfn-lint "CloudFormation templates" &&
    expect 0 "CloudFormation: cfn-lint" cfn-lint packaging/cloudwatch/alarms.yaml packaging/fleet/association.yaml \
        packaging/ami/image-builder.yaml
if have yamllint "YAML"; then
    expect 0 "YAML: yamllint" yamllint --strict -c packaging/yamllint.yaml packaging
fi
have ansible-lint "the Ansible role" &&
    expect 0 "Ansible role: ansible-lint" sh -c 'cd packaging/ansible && ansible-lint --offline --strict roles'
expect 0 "JSON and HCL parse" python3 tests/packaging/parse.py
# Without the packages of the environment.
expect 1 "in CI a parser that is missing is a failure" env CI=yes python3 -I -S tests/packaging/parse.py
said 'python-hcl2 is not installed' "and it says which"
expect 0 "Image Builder component: phases, actions, size" python3 tests/packaging/component.py packaging/ami/component.yaml
if unpacked cloud-init; then
    expect 0 "cloud-init: its own schema" python3 tests/packaging/schema.py packaging/ami/cloud-init.yaml \
        "$(find target/packaging/cloud-init -name schema-cloud-config-v1.json)"
fi
if unpacked packer; then
    # Debian's packer is older than plugins of their own, so its built-in amazon-ebs validates what it knows.
    sed -e '/^packer {/,/^}/d' -e '/^  metadata_options {/,/^  }/d' -e '/imds_support/d' packaging/ami/gatesh.pkr.hcl \
        >"$work/gatesh.pkr.hcl"
    touch "$work/gatesh.rpm" "$work/policy.tar.gz"
    expect 0 "Packer: packer validate" env CHECKPOINT_DISABLE=1 HOME="$work" target/packaging/packer/usr/bin/packer \
        validate -var package="$work/gatesh.rpm" -var policy="$work/policy.tar.gz" -var policy_sha256=0 \
        "$work/gatesh.pkr.hcl"
fi
expect 0 "CloudWatch: filters and queries against records that gatesh wrote" \
    python3 tests/packaging/cloudwatch.py "$binaries"
finish
