#!/usr/bin/env python3
"""Prints the bill of materials of both programs, CycloneDX 1.5: what is linked into them, with versions, licences and
digests. Nothing in it depends on when or where it is made. Usage: sbom.py TARGET PROGRAM

The crates are those that cargo resolves. What the toolchain links in (the C library, Rust's standard library, the
compiler's own) is read from PROGRAM, which says by what it was made: an advisory against glibc is for us, too."""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tomllib
import uuid


def linked(metadata):
    """Ids of the packages that normal dependencies reach from the root; build tools are not linked."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    macros = {package["id"] for package in metadata["packages"]
              if any("proc-macro" in target["kind"] for target in package["targets"])}
    seen, waiting = set(), [metadata["resolve"]["root"]]
    while waiting:
        package = waiting.pop()
        if package not in seen | macros:
            seen.add(package)
            waiting += [dep["pkg"] for dep in nodes[package]["deps"]
                        if any(kind["kind"] is None for kind in dep["dep_kinds"])]
    return seen, nodes


def component(package, digests, kind):
    name, version = package["name"], package["version"]
    entry = {"type": kind, "bom-ref": f"pkg:cargo/{name}@{version}", "name": name, "version": version,
             "purl": f"pkg:cargo/{name}@{version}"}
    if package.get("license"):
        entry["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if (name, version) in digests:
        entry["hashes"] = [{"alg": "SHA-256", "content": digests[name, version]}]
    return entry


def depends(package, nodes, reference, more):
    on = {reference[dep["pkg"]] for dep in nodes[package["id"]]["deps"] if dep["pkg"] in reference}
    return {"ref": reference[package["id"]], "dependsOn": sorted(on | {it["bom-ref"] for it in more})}


# Name, licence, and how a static program names the version that is in it.
TOOLCHAIN = [
    ("glibc", "LGPL-2.1-or-later", rb"GNU C Library \(\w+ GLIBC ([\w.+~-]+)\) stable release"),
    ("libgcc", "GPL-3.0-or-later WITH GCC-exception-3.1", rb"GCC: \([^)]*\) ([\d.]+)"),
    ("rust-std", "MIT OR Apache-2.0", rb"rustc version ([\w.-]+)"),
]


def toolchain(program):
    text = pathlib.Path(program).read_bytes()
    for name, licence, said in TOOLCHAIN:
        found = re.search(said, text)
        if not found:
            sys.exit(f"sbom.py: {program} does not say which {name} is linked into it")
        version = found[1].decode()
        yield {"type": "library", "bom-ref": f"pkg:generic/{name}@{version}", "name": name, "version": version,
               "purl": f"pkg:generic/{name}@{version}", "licenses": [{"expression": licence}]}


def main(target, program):
    output = subprocess.run(["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target],
                            check=True, stdout=subprocess.PIPE).stdout
    metadata = json.loads(output)
    with open("Cargo.lock", "rb") as lock:
        locked = tomllib.load(lock)["package"]
    digests = {(it["name"], it["version"]): it["checksum"] for it in locked if "checksum" in it}
    ids, nodes = linked(metadata)
    packages = {it["id"]: it for it in metadata["packages"] if it["id"] in ids}
    root = packages.pop(metadata["resolve"]["root"])
    ordered = sorted(packages.values(), key=lambda it: (it["name"], it["version"]))
    reference = {it["id"]: f"pkg:cargo/{it['name']}@{it['version']}" for it in [root, *ordered]}
    linked_in = list(toolchain(program))
    bom = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": component(root, digests, "application")},
        "components": [component(it, digests, "library") for it in ordered] + linked_in,
        "dependencies": [depends(it, nodes, reference, linked_in if it is root else []) for it in [root, *ordered]],
    }
    digest = hashlib.sha256((target + json.dumps(bom, sort_keys=True)).encode()).hexdigest()
    bom["serialNumber"] = f"urn:uuid:{uuid.UUID(digest[:32], version=5)}"
    print(json.dumps(bom, indent=1, sort_keys=True))


main(*sys.argv[1:])
