#!/usr/bin/env python3
"""Prints manifest.json of a Distributor package for the zips in a directory: manifest.py VERSION DIR.
With --check it reads DIR/manifest.json instead and holds it against the zips: names, digests, what is in them."""

import hashlib
import json
import pathlib
import sys
import zipfile

# Distributor's names of platforms, by what they install.
PLATFORMS = {
    "deb": ["debian", "ubuntu"],
    "rpm": ["almalinux", "amazon", "centos", "oracle", "redhat", "rocky", "suse"],
}
SCRIPTS = {"install.sh", "update.sh", "uninstall.sh", "SHA256SUMS", "gatesh", "gateshctl"}


def manifest(version, directory):
    files, packages = {}, {}
    for zipped in sorted(directory.glob("*.zip")):
        _, kind, arch = zipped.stem.split("-", 2)
        files[zipped.name] = {"checksums": {"sha256": hashlib.sha256(zipped.read_bytes()).hexdigest()}}
        for platform in PLATFORMS[kind]:
            packages.setdefault(platform, {}).setdefault("_any", {})[arch] = {"file": zipped.name}
    return {"schemaVersion": "2.0", "publisher": "gatesh authors", "version": version,
            "description": "Shell that runs what the rules of your groups allow, and nothing else",
            "packages": packages, "files": files}


def check(directory):
    written = json.loads((directory / "manifest.json").read_text())
    assert written == manifest(written["version"], directory), "manifest.json does not describe the zips beside it"
    assert written["files"], "there is no zip"
    for name in written["files"]:
        with zipfile.ZipFile(directory / name) as zipped:
            held = set(zipped.namelist())
            assert SCRIPTS <= held, f"{name} lacks {SCRIPTS - held}"
            packages = [it for it in held if it.endswith((".deb", ".rpm"))]
            assert len(packages) == 1, f"{name} holds {packages}"
            sums = dict(reversed(line.split("  ")) for line in zipped.read("SHA256SUMS").decode().splitlines())
            for held_name, digest in sums.items():
                assert hashlib.sha256(zipped.read(held_name)).hexdigest() == digest, f"{name}: {held_name} differs"
            assert zipped.getinfo("install.sh").external_attr >> 16 & 0o111, f"{name}: install.sh cannot be run"


if sys.argv[1] == "--check":
    check(pathlib.Path(sys.argv[2]))
else:
    print(json.dumps(manifest(sys.argv[1], pathlib.Path(sys.argv[2])), indent=2, sort_keys=True))
