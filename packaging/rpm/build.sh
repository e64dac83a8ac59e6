#!/bin/sh
# Makes the .rpm. Usage: build.sh BINARIES SBOM VERSION RPM_ARCH OUT   (SOURCE_DATE_EPOCH is set)
set -eu
binaries=$1 sbom=$2 version=$3 arch=$4 out=$5
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022
stage=$work/stage
mkdir "$stage"

"$here/../stage.sh" "$stage" "$binaries" "$sbom" rpm
install -m 0644 "$here/../../CHANGELOG.md" "$stage/usr/share/doc/gatesh/"
install -d "$stage/usr/share/licenses/gatesh"
install -m 0644 "$here"/../../LICENSE* "$stage/usr/share/licenses/gatesh/"
find "$stage" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

sed -e "s/@VERSION@/$version/" -e "s/@DATE@/$(LC_ALL=C date -u -d "@$SOURCE_DATE_EPOCH" '+%a %b %d %Y')/" \
    -e "/^#ACCOUNTS#/{r $here/../accounts.sh" -e 'd}' -e "/^#LINK#/{r $here/../link.sh" -e 'd}' "$here/gatesh.spec.in" >"$work/gatesh.spec"
# xz, because Amazon Linux 2 has no zstd; nothing is stripped or compressed a second time. The names of the build
# host and directory, and the time, would be the only things that differ between two builds.
rpmbuild -bb --quiet --target "$arch-unknown-linux" \
    --define "_topdir $work/top" --define "_rpmdir $out" --define "_tmppath $work" --define "stage $stage" \
    --define "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm" \
    --define "_buildhost localhost" --define "_binary_payload w${COMPRESSION_LEVEL:-6}.xzdio" \
    --define "_build_id_links none" --define "__os_install_post %{nil}" --define "debug_package %{nil}" \
    --define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" \
    --define "source_date_epoch_from_changelog 0" \
    "$work/gatesh.spec"
