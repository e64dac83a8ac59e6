#!/bin/sh
# Builds what operators install, into target/dist, with checksums: packages, tarball, Distributor package, bill of
# materials. The same commit gives the same bytes.
#
#   packaging/build.sh [--release] [--sign KEY] [--arch x86_64|aarch64]... [--binaries DIR] [--out DIR] [--version V]
#
#   --release     refuse unless the tree is clean and CHANGELOG.md has a section for the version
#   --sign        sign each .rpm and SHA256SUMS with this key of gpg's: SHA256SUMS.asc, and the key as gatesh.asc
#   --arch        default: this machine's; aarch64 elsewhere needs packaging/cross.sh
#   --binaries    take gatesh and gateshctl from DIR instead of building them (one --arch only)
#   --version     instead of Cargo.toml's, for tests of upgrades
# COMPRESSION_LEVEL in the environment, 1 to 9, trades size for time in tests.
set -eu
cd "$(dirname "$0")/.."

release=false key='' arches='' binaries='' out=target/dist version=''
while [ $# -gt 0 ]; do
    case $1 in
        --release) release=true ;;
        --sign) key=$2 && shift ;;
        --arch) arches="$arches $2" && shift ;;
        --binaries) binaries=$2 && shift ;;
        --out) out=$2 && shift ;;
        --version) version=$2 && shift ;;
        *) echo "build.sh: $1 is not understood" >&2 && exit 2 ;;
    esac
    shift
done
: "${arches:=$(uname -m)}"
# The one place the version stands.
: "${version:=$(sed -n '/^\[package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' Cargo.toml)}"
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || {
        echo "build.sh: not in a git tree: set SOURCE_DATE_EPOCH to the time of the release" >&2
        exit 1
    }
fi
export SOURCE_DATE_EPOCH LC_ALL=C TZ=UTC

# Before minutes of compiling: what is used is there. One command makes every artefact, or none.
for tool in dpkg-deb rpmbuild zip python3 ${key:+gpg rpmsign}; do
    command -v "$tool" >/dev/null || {
        echo "build.sh: $tool is not installed (Debian: dpkg-dev rpm zip python3${key:+ gnupg})" >&2
        exit 1
    }
done
if [ -n "$key" ]; then
    gpg --batch --quiet --list-secret-keys "$key" >/dev/null || {
        echo "build.sh: gpg has no secret key $key" >&2
        exit 1
    }
fi
if $release; then
    grep -Eq "^## \[?$(printf '%s' "$version" | sed 's/\./\\./g')\]?( |$)" CHANGELOG.md || {
        echo "build.sh: CHANGELOG.md has no section for $version: write what changed for the people who use it" >&2
        exit 1
    }
    [ -z "$(git status --porcelain)" ] || {
        echo "build.sh: the tree has changes that no commit has: a release is made of a commit" >&2
        exit 1
    }
fi

# Compiles for ARCH into its own directory; sets $binaries.
compile() {
    triple=$1-unknown-linux-gnu
    # RUSTFLAGS replaces those of .cargo/config.toml, so crt-static stands here again. Paths of this machine would
    # otherwise stand in the programs.
    RUSTFLAGS="-C target-feature=+crt-static --remap-path-prefix=$PWD=/gatesh"
    RUSTFLAGS="$RUSTFLAGS --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
    export RUSTFLAGS
    if [ "$1" = "$(uname -m)" ]; then
        cargo build --quiet --locked --release --bins --target "$triple" --target-dir target/package
    else
        packaging/cross.sh "$1" --target-dir target/package
    fi
    unset RUSTFLAGS
    binaries=target/package/$triple/release
}

mkdir -p "$out"
given=$binaries
for arch in $arches; do
    case $arch in
        x86_64) deb_arch=amd64 ;;
        aarch64) deb_arch=arm64 ;;
        *) echo "build.sh: no packages for $arch" >&2 && exit 2 ;;
    esac
    [ -n "$given" ] || compile "$arch"
    sbom=$(mktemp -d)
    python3 packaging/sbom.py "$arch-unknown-linux-gnu" "$binaries/gatesh" >"$sbom/sbom.cdx.json"
    cp "$sbom/sbom.cdx.json" "$out/gatesh-$version-$arch.cdx.json"
    packaging/deb/build.sh "$binaries" "$sbom/sbom.cdx.json" "$version" "$deb_arch" "$out"
    packaging/rpm/build.sh "$binaries" "$sbom/sbom.cdx.json" "$version" "$arch" "$out"
    packaging/tarball.sh "$binaries" "$sbom/sbom.cdx.json" "$version" "$arch" "$out"
    rm -rf "$sbom"
done
# First, because the packages of Distributor hold it.
[ -z "$key" ] || rpmsign --define "_gpg_name $key" --define "__gpg $(command -v gpg)" --addsign "$out"/gatesh-"$version"-*.rpm >/dev/null
packaging/distributor/build.sh "$version" "$out"
rm -f "$out/SHA256SUMS" "$out/SHA256SUMS.asc" "$out/gatesh.asc"
sums=$(cd "$out" && find . -type f -printf '%P\n' | sort | xargs sha256sum)
echo "$sums" >"$out/SHA256SUMS"
if [ -n "$key" ]; then
    gpg --batch --quiet --local-user "$key" --armor --output "$out/SHA256SUMS.asc" --detach-sign "$out/SHA256SUMS"
    gpg --batch --quiet --armor --output "$out/gatesh.asc" --export "$key"
fi
cat "$out/SHA256SUMS"
