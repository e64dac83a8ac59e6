#!/bin/sh
# An aarch64 gatesh under qemu-user, which has neither seccomp nor Landlock, with this demand for Landlock: prints what
# it says and its records, answers with its exit status. Needs a user and a mount namespace of its own, and
# binfmt_misc in them (Linux 6.7). Usage: unconfined.sh GATESH required|preferred
set -eu
gatesh=$(readlink -f "$1")
# A directory that nobody else can write, for the program, and the rules.
mount -t tmpfs -o mode=755 none /mnt
mkdir -p /mnt/task/one /mnt/policy/groups.d
printf '#include <stdio.h>\nint main(void) { return puts("it ran") < 0; }\n' >/mnt/hello.c
aarch64-linux-gnu-gcc -static -o /mnt/hello /mnt/hello.c
# qemu-user hands execve to the kernel, which has to know what runs aarch64 programs: a table of this namespace.
mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
printf '%s' ":qemu:M::\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00:\
\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff:\
$(command -v qemu-aarch64-static):F" >/proc/sys/fs/binfmt_misc/register
printf '[[allow]]\ncommands = ["/mnt/hello"]\n' >"/mnt/policy/groups.d/$(id -gn).toml"
: >/mnt/audit.log
cat >/mnt/policy/gatesh.toml <<SETTINGS
[session]
root = true
max_sessions = 100000
[confinement]
landlock = "$2"
[audit]
sink = "file"
file = "/mnt/audit.log"
SETTINGS
# gatesh refuses to run beside a second thread, and qemu has one of its own: it is hidden by mounting an empty
# directory over the list.
status=0
# shellcheck disable=SC2016 # the inner shell's own process id
sh -c 'mount --bind /mnt/task "/proc/$$/task" && exec "$@"' sh qemu-aarch64-static \
    "$gatesh" --config /mnt/policy -c /mnt/hello || status=$?
cat /mnt/audit.log
exit "$status"
