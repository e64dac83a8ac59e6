#!/bin/sh
# The aarch64 programs on a real arm64 kernel, in an emulated machine that Debian's packages make: a command that is
# allowed runs with full confinement, another is refused, and what a rule does not name the kernel refuses.
# Usage: arm64.sh BINARIES   (those of cross.sh)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/packaging/lib.sh
programs=$(readlink -f "$1")
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
if ! command -v qemu-system-aarch64 >/dev/null || ! command -v cpio >/dev/null; then
    skip "arm64 machine: needs qemu-system-arm and cpio"
    finish
    exit
fi

# A kernel, and a busybox to be run by gatesh, unpacked and not installed; kept for the next time.
parts=$PWD/target/packaging/arm64
if [ ! -e "$parts/vmlinuz" ]; then
    mkdir -p "$parts/lists/partial" "$parts/debs/partial" "$parts/tree"
    foreign="-o APT::Architectures::=amd64 -o APT::Architectures::=arm64 -o Dir::State::Lists=$parts/lists
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache="
    # shellcheck disable=SC2086 # a list of options
    apt-get $foreign update -qq
    # shellcheck disable=SC2086
    kernel=$(apt-cache $foreign depends linux-image-cloud-arm64:arm64 | sed -n 's/^ *Depends: *//p' | head -n 1)
    # shellcheck disable=SC2086
    (cd "$parts/debs" && apt-get $foreign download -qq "$kernel" busybox-static:arm64) 2>/dev/null
    for deb in "$parts"/debs/*.deb; do dpkg -x "$deb" "$parts/tree"; done
    cp "$parts/tree/bin/busybox" "$parts/busybox" && cp "$parts"/tree/boot/vmlinuz-* "$parts/vmlinuz"
    rm -rf "$parts/lists" "$parts/debs" "$parts/tree"
fi

system=$work/system
mkdir -p "$system/bin" "$system/usr/bin" "$system/proc" "$system/dev" "$system/var/log" "$system/etc/gatesh/groups.d" \
    "$system/home/ann"
cp "$parts/busybox" "$system/bin/busybox"
cp "$programs/gatesh" "$programs/gateshctl" "$system/usr/bin/"
# Programs by their own names: a link would lead to busybox, which can start anything.
for name in cat id; do cp "$parts/busybox" "$system/usr/bin/$name"; done
ln -s busybox "$system/bin/sh"
printf 'root:x:0:0::/:/bin/sh\nann:x:1001:1001::/home/ann:/usr/bin/gatesh\n' >"$system/etc/passwd"
printf 'root:x:0:\nann:x:1001:\nreaders:x:1002:ann\n' >"$system/etc/group"
echo 'root:secret' >"$system/etc/secret"
echo 'hello from arm64' >"$system/var/log/app.log"
printf '[audit]\non_failure = "run"\n' >"$system/etc/gatesh/gatesh.toml"
cat >"$system/etc/gatesh/groups.d/readers.toml" <<'POLICY'
[types]
log = { file = ["/var/log/*.log"] }

[[allow]]
commands = ["cat <log>...", "busybox cat '/etc/secret'", "busybox env '/usr/bin/id'"]
accept = { "interpreter" = "what it may not do is what is tried here" }
POLICY
cat >"$system/init" <<'INIT'
#!/bin/sh
export PATH=/bin:/usr/bin
busybox mount -t proc proc /proc
busybox mount -t devtmpfs dev /dev
ask() {
    echo "[$1] $2"
    busybox su -s /usr/bin/gatesh ann -c "$2" 2>&1
    echo "[$1] status $?"
}
busybox uname -m
ask 1 'cat /var/log/app.log'
ask 2 'cat /etc/passwd'
ask 3 'busybox cat /etc/secret'
ask 4 'busybox env /usr/bin/id'
gateshctl check
echo "[check] status $?"
busybox poweroff -f
INIT
chmod 0755 "$system/init"
chmod 0644 "$system/etc/secret"
(cd "$system" && find . | cpio --quiet -o -H newc -R 0:0) | gzip -1 >"$work/initrd"
timeout 1200 qemu-system-aarch64 -machine virt -cpu cortex-a72 -m 512 -nographic -no-reboot -nic none \
    -kernel "$parts/vmlinuz" -initrd "$work/initrd" -append "console=ttyAMA0 quiet lsm=landlock" \
    </dev/null 2>&1 | tr -d '\r' >"$work/console"
console() { # PATTERN TEXT
    cp "$work/console" "$work/out"
    said "$1" "$2"
}
console '^aarch64$' "an arm64 kernel boots"
console '^hello from arm64$' "an allowed command runs"
console '^\[1\] status 0$' "and ends well"
console '^\[2\] status 126$' "another is refused"
console '\[3\] status 1$' "the kernel refuses a file that the rule did not grant"
console '\[4\] status 126$' "and a program it did not grant"
console '^\[check\] status 0$' "gateshctl finds no fault"
finish
