#!/bin/sh
# Builds both programs for another architecture on Debian 12, with nothing but Debian's packages: the compiler that
# Debian builds for browsers (rustc-web), its standard library for that architecture, and the cross linker. Those
# packages conflict with rustup's, so they are unpacked into target/cross and not installed.
# Usage: cross.sh aarch64 [ARGUMENT OF cargo build...]   Prints where the programs are, last.
set -eu
cd "$(dirname "$0")/.."
arch=$1
shift
[ "$arch" = aarch64 ] || { echo "cross.sh: no recipe for $arch" >&2 && exit 2; }
triple=$arch-unknown-linux-gnu
command -v aarch64-linux-gnu-gcc >/dev/null || {
    echo "cross.sh: install gcc-aarch64-linux-gnu libc6-dev-arm64-cross" >&2
    exit 1
}

sysroot=$PWD/target/cross
if [ ! -x "$sysroot/usr/bin/rustc" ]; then
    # What a broken run left behind may be of another version.
    rm -rf "$sysroot.part" "$sysroot.debs" "$sysroot.lists"
    mkdir -p "$sysroot.part" "$sysroot.debs/partial" "$sysroot.lists/partial"
    # Lists of both architectures in a place of their own: this machine's package manager is left as it is.
    foreign="-o APT::Architectures::=amd64 -o APT::Architectures::=arm64 -o Dir::State::Lists=$sysroot.lists
        -o Acquire::Retries=3 -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache="
    # shellcheck disable=SC2086 # a list of options
    apt-get $foreign update -qq
    # Depends of PACKAGE in the wanted version.
    depends() {
        # shellcheck disable=SC2086
        apt-cache $foreign show "$1" | awk -v RS='' -v FS='\n' -v version="Version: $version" '
            { for (i = 1; i <= NF; i++) if ($i == version) found = 1 }
            found { for (i = 1; i <= NF; i++) if ($i ~ /^Depends: /) { print $i; exit } }'
    }
    # shellcheck disable=SC2086
    version=$(apt-cache $foreign show rustc-web | sed -n 's/^Version: //p' | sort -V | tail -n 1)
    library=$(depends libstd-rust-web-dev:amd64 | grep -o 'libstd-rust-web-[0-9.]*[0-9]')
    llvm=$(depends "$library:amd64" | grep -o 'libllvm[0-9]*')
    (
        cd "$sysroot.debs"
        # shellcheck disable=SC2086
        apt-get $foreign download "rustc-web:amd64=$version" "$library:amd64=$version" "$library:arm64=$version" \
            "libstd-rust-web-dev:amd64=$version" "libstd-rust-web-dev:arm64=$version" ${llvm:+"$llvm:amd64"}
    )
    for deb in "$sysroot".debs/*.deb; do dpkg -x "$deb" "$sysroot.part"; done
    mv "$sysroot.part" "$sysroot"
    rm -rf "$sysroot.debs" "$sysroot.lists"
fi

: "${RUSTFLAGS:=-C target-feature=+crt-static}"
export RUSTFLAGS
LD_LIBRARY_PATH=$sysroot/usr/lib/x86_64-linux-gnu RUSTC=$sysroot/usr/bin/rustc \
    cargo build --quiet --locked --release --bins --target "$triple" "$@"
