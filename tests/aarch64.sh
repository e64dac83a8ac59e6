#!/bin/sh
# Builds gatesh for aarch64 with Debian's cross toolchain and runs it under qemu-user, which has neither seccomp nor
# Landlock: with landlock = "preferred" a command runs and its record says that nothing holds it, with "required"
# nothing runs.
#
# Needs on Debian: gcc-aarch64-linux-gnu qemu-user-static, the network once (packaging/cross.sh), and unprivileged user
# namespaces with binfmt_misc of their own. What is missing is said, and the rest skipped.
set -eu
cd "$(dirname "$0")/.."
triple=aarch64-unknown-linux-gnu
programs=target/package/$triple/release

if [ "${1:-}" != inside ]; then
    for tool in aarch64-linux-gnu-gcc qemu-aarch64-static apt-get dpkg; do
        command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed" && exit 0; }
    done
    # Optimised at link time it would be the same program, later.
    CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        packaging/cross.sh aarch64 --target-dir target/package
    # A namespace of its own, because the trial mounts things; the one who runs this is root in it.
    unshare --user --map-root-user --mount true 2>/dev/null || {
        echo "built; skipped: running it needs unprivileged user namespaces" && exit 0
    }
    exec unshare --user --map-root-user --mount "$0" inside
fi

# A directory that nobody else can write, for the program, and the rules.
mount -t tmpfs -o mode=755 none /mnt
mkdir -p /mnt/task/one /mnt/policy/groups.d
printf '#include <stdio.h>\nint main(void) { return puts("it ran") < 0; }\n' >/mnt/hello.c
aarch64-linux-gnu-gcc -static -o /mnt/hello /mnt/hello.c
printf '[[allow]]\ncommands = ["/mnt/hello"]\n' >"/mnt/policy/groups.d/$(id -gn).toml"
# qemu-user hands execve to the kernel, which has to know what runs aarch64 programs: a table of this namespace.
if ! mount -t binfmt_misc none /proc/sys/fs/binfmt_misc 2>/dev/null || ! printf '%s' ":qemu:M::\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00:\
\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff:\
$(command -v qemu-aarch64-static):F" >/proc/sys/fs/binfmt_misc/register 2>/dev/null || ! /mnt/hello >/dev/null; then
    echo "built; skipped: running it needs binfmt_misc in user namespaces (Linux 6.7)"
    exit 0
fi

# gatesh with this demand for Landlock; answers with its exit status. gatesh refuses to run beside a second thread,
# and qemu has one of its own: it is hidden by mounting an empty directory over the list.
run() {
    : >/mnt/audit.log
    cat >/mnt/policy/gatesh.toml <<SETTINGS
[session]
root = true
max_sessions = 100000
[confinement]
landlock = "$1"
[audit]
sink = "file"
file = "/mnt/audit.log"
SETTINGS
    status=0
    # shellcheck disable=SC2016 # the inner shell's own process id
    sh -c 'mount --bind /mnt/task "/proc/$$/task" && exec "$@"' sh qemu-aarch64-static \
        "$programs/gatesh" --config /mnt/policy -c /mnt/hello >/mnt/out 2>&1 || status=$?
    echo "landlock = \"$1\": status $status: $(cat /mnt/out)"
}

fail() {
    echo "aarch64.sh: $1" >&2
    cat /mnt/audit.log >&2
    exit 1
}

run preferred
grep -q 'it ran' /mnt/out || fail "it does not run where weaker confinement is accepted"
grep -q '"event":"command-start".*"enforcement":"none"' /mnt/audit.log || fail "the record does not say none"
run required
if [ "$status" != 125 ] || grep -q 'it ran' /mnt/out; then
    fail "it runs without the confinement that is required"
fi
grep -q 'seccomp' /mnt/out || fail "it does not say what is missing"
echo "aarch64: built, and as weak as it says under qemu-user"
