#!/bin/sh
# Builds gatesh for aarch64 with Debian's cross toolchain and runs it under qemu-user, which has neither seccomp nor
# Landlock: with landlock = "preferred" a command runs and its record says that nothing holds it, with "required"
# nothing runs.
#
# Needs on Debian: gcc-aarch64-linux-gnu qemu-user-static, the network once, and unprivileged user namespaces. The
# Rust compiler with the aarch64 library comes from Debian's packages, unpacked below target/: nothing is installed
# and the host's package lists are not touched.
set -eu
cd "$(dirname "$0")/.."
triple=aarch64-unknown-linux-gnu
cache=$PWD/target/aarch64-toolchain

if [ "${1:-}" != inside ]; then
    for tool in aarch64-linux-gnu-gcc qemu-aarch64-static apt-get dpkg; do
        command -v "$tool" >/dev/null || { echo "skipped: $tool is not installed" && exit 0; }
    done
    if [ ! -x "$cache/root/usr/bin/rustc" ]; then
        mkdir -p "$cache/lists/partial" "$cache/cache/archives/partial" "$cache/debs"
        # Lists and cache of its own, for both architectures.
        apt() {
            program=$1 && shift
            "apt-$program" -q -o Dir::State::Lists="$cache/lists" -o Dir::Cache="$cache/cache" \
                -o APT::Architectures::=amd64 -o APT::Architectures::=arm64 "$@"
        }
        depends() {
            apt cache depends "$1" | sed -n "s/^ *Depends: \\($2\\)\$/\\1/p"
        }
        apt get update
        # The library's package carries the compiler's version in its name, and so does LLVM's.
        library=$(depends libstd-rust-web-dev 'libstd-rust-web-[0-9.]*')
        llvm=$(depends "$library" 'libllvm[0-9]*')
        # shellcheck disable=SC2086 # names without blanks, and $llvm may be empty
        (cd "$cache/debs" && apt get download rustc-web libstd-rust-web-dev "$library" $llvm \
            "$library:arm64" libstd-rust-web-dev:arm64)
        for package in "$cache"/debs/*.deb; do
            dpkg -x "$package" "$cache/root"
        done
    fi
    LD_LIBRARY_PATH=$cache/root/usr/lib/x86_64-linux-gnu RUSTC=$cache/root/usr/bin/rustc \
        CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
        cargo build --quiet --bins --target "$triple" --target-dir target/aarch64
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
        "target/aarch64/$triple/debug/gatesh" --config /mnt/policy -c /mnt/hello >/mnt/out 2>&1 || status=$?
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
