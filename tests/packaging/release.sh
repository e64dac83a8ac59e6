#!/bin/sh
# The release command: what it refuses, and what it signs with a key made for this test, seen with the eyes of
# whoever downloads it. Usage: release.sh BINARIES UNSIGNED_DIST   (any user)
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/packaging/lib.sh
binaries=$(readlink -f "$1") unsigned=$(readlink -f "$2")
# gpg's socket needs a short path.
work=$(mktemp -d /tmp/gatesh-release.XXXXXX) || exit 1
GNUPGHOME=$work/gnupg
export GNUPGHOME
trap 'gpgconf --kill all; rm -rf "$work"' EXIT
mkdir -m 0700 "$GNUPGHOME"
gpg --batch --quiet --passphrase '' --quick-generate-key 'gatesh trial <trial@localhost>' rsa3072 sign 1d 2>/dev/null

# A tree of its own, with a commit, so that there is something clean to release. Where a hook of git's started this,
# GIT_DIR and its kin still name the repository that the hook is of.
# shellcheck disable=SC2046 # a list of names
unset $(git rev-parse --local-env-vars)
mkdir "$work/tree"
tar --exclude=./target --exclude=./.git -cf - . | tar -xf - -C "$work/tree"
cd "$work/tree" || exit 1
git init --quiet . && git add --all
commit() {
    git -c user.name=trial -c user.email=trial@localhost -c commit.gpgSign=false -c core.hooksPath=/dev/null \
        commit --quiet --all --message "$1" >/dev/null
}
commit one
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
sed -i "/^## \[\?$version\]\?\( \|$\)/d" CHANGELOG.md && commit two
release() { # [OPTION...]
    packaging/build.sh --release --binaries "$binaries" --out "$work/dist" "$@"
}
expect 1 "no release without a section of CHANGELOG.md" release
said "no section for $version" "and it says which"
sed -i "s/^## Unreleased$/## $version/" CHANGELOG.md
expect 1 "no release of what no commit has" release
said 'changes that no commit has' "and it says so"
commit three
expect 1 "no release with a key that is not there" release --sign nobody@localhost
said 'no secret key nobody@localhost' "and it names the key"
holds "nothing was made" test ! -e "$work/dist"
# Every tool there is but one.
mkdir "$work/tools"
for tool in $(printf '%s' "$PATH" | tr : '\n' | while read -r directory; do ls "$directory" 2>/dev/null; done | sort -u); do
    [ "$tool" = rpmbuild ] || ln -s "$(command -v "$tool")" "$work/tools/$tool" 2>/dev/null
done
expect 1 "no release without the .rpm" env PATH="$work/tools" packaging/build.sh --release --binaries "$binaries" \
    --out "$work/dist"
said 'rpmbuild is not installed' "and it names the tool"
holds "nothing was made" test ! -e "$work/dist"
expect 0 "a release, signed" release --sign trial@localhost

# Somebody else, who has nothing but what was made.
GNUPGHOME=$work/other
mkdir -m 0700 "$GNUPGHOME"
cd "$work/dist" || exit 1
expect 0 "the key is beside it" gpg --batch --quiet --import gatesh.asc
verify() { gpg --batch --trust-model always --verify SHA256SUMS.asc SHA256SUMS; }
expect 0 "gpg takes the signature of SHA256SUMS" verify
expect 0 "and every file has its digest" sha256sum --check --quiet SHA256SUMS
holds "every file but the sums, their signature and the key" test "$(wc -l <SHA256SUMS)" = \
    "$(find . -type f ! -name 'SHA256SUMS*' ! -name gatesh.asc | wc -l)"
cp SHA256SUMS "$work/sums"
sed -i '1s/^./x/' SHA256SUMS
expect 1 "gpg does not take other sums" verify
cp "$work/sums" SHA256SUMS

rpm=$(echo gatesh-*.rpm)
keys() { rpmkeys --dbpath "$work/keys" "$@"; }
expect 1 "rpm knows no key and says no" keys --define '_pkgverify_level all' --checksig "$rpm"
expect 0 "it imports the key" keys --import gatesh.asc
expect 0 "and takes the package" keys --define '_pkgverify_level all' --checksig -v "$rpm"
said 'Signature.*: OK' "by its signature"
cp "$rpm" "$work/torn.rpm"
printf x | dd of="$work/torn.rpm" bs=1 seek=20000 conv=notrunc status=none
expect 1 "it does not take a package that was changed" keys --checksig "$work/torn.rpm"
expect 1 "nor one without a signature" keys --define '_pkgverify_level all' --checksig "$unsigned/$rpm"
holds "Distributor's package holds the signed one" sh -c "
    unzip -p distributor/gatesh-rpm-*.zip '$rpm' | cmp - '$rpm'"
finish
