#!/bin/sh
# Builds for aarch64 and runs the programs under qemu-user: they start, read the policy, decide and refuse, and say
# how weak they are there, for qemu-user has neither seccomp nor Landlock. Full confinement on an arm64 kernel takes an
# emulated machine: arm64.sh. Usage: cross.sh
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/packaging/lib.sh
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
if [ "$(uname -m)" != x86_64 ] || ! command -v qemu-aarch64-static >/dev/null; then
    skip "aarch64: needs an x86-64 host with qemu-user-static"
    finish
    exit
fi
# Not optimised: what is tried here is the architecture. The linker is the one that a plain `cargo build` has there.
expect 0 "it builds for aarch64" env CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 packaging/cross.sh aarch64 --target-dir target/package
programs=target/package/aarch64-unknown-linux-gnu/release
arm() {
    program=$1
    shift
    qemu-aarch64-static "$programs/$program" "$@"
}
for program in gatesh gateshctl; do
    expect 0 "$program has a header" aarch64-linux-gnu-readelf -h "$programs/$program"
    said 'Type: +DYN' "and lies at another address each time"
done
holds "the programs are static" sh -c "! aarch64-linux-gnu-readelf -l '$programs/gatesh' | grep -q INTERP"
expect 0 "gateshctl says its version" arm gateshctl --version
expect 0 "the shipped policy has no fault" arm gateshctl check config
expect 0 "its cases hold" arm gateshctl test config
expect 1 "what it ought to refuse it refuses" \
    arm gateshctl --config config explain --group log-readers -- cat /etc/shadow
said 'does not match <log>' "and says why"
# qemu-user has threads of its own, and the shell does not start in a process that has any.
expect 125 "the shell starts, and finds that qemu is with it" arm gatesh --demo -c 'cat /etc/shadow'
said 'the process is not alone' "and says so"
expect 0 "packages are made of it" \
    packaging/build.sh --arch aarch64 --binaries "$programs" --out "$work/dist"
lint_packages "$work/dist"
holds "for arm64" test "$(dpkg-deb -f "$work"/dist/*.deb Architecture)" = arm64
holds "and aarch64" test "$(rpm -qp --qf '%{ARCH}' "$work"/dist/*.rpm)" = aarch64
for kind in deb rpm; do
    mkdir "$work/$kind"
    expect 0 "and Distributor, for $kind" \
        unzip -q "$work/dist/distributor/gatesh-$kind-arm64.zip" -d "$work/$kind"
    expect 0 "with programs that run there" qemu-aarch64-static "$work/$kind/gateshctl" --version
    holds "the ones in its package" cmp "$work/$kind/gatesh" "$programs/gatesh"
    expect 0 "named for hosts of arm64" python3 -c "import json, sys
packages = json.load(open(sys.argv[1]))['packages']
assert packages[sys.argv[2]]['_any'] == {'arm64': {'file': sys.argv[3]}}, packages" \
        "$work/dist/distributor/manifest.json" "$(case $kind in deb) echo debian ;; rpm) echo amazon ;; esac)" \
        "gatesh-$kind-arm64.zip"
done

# From here on with qemu's second thread hidden, so that the shell goes on to ask the kernel.
unconfined() { # required|preferred
    unshare --user --map-root-user --mount tests/packaging/unconfined.sh "$programs/gatesh" "$1"
}
if ! unshare --user --map-root-user --mount true 2>/dev/null; then
    skip "aarch64 without confinement: needs unprivileged user namespaces"
    finish
    exit
fi
expect 0 "landlock = \"preferred\": a command runs" unconfined preferred
said '^it ran$' "and answers"
said '"event":"command-start".*"enforcement":"none"' "and its record says that nothing holds it"
expect 125 "landlock = \"required\": nothing runs" unconfined required
said 'seccomp' "and it says what is missing"
unsaid '^it ran' "and nothing ran"
finish
