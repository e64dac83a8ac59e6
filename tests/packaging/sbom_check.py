"""Holds a CycloneDX file against its schema and against what a reader of it needs: sbom_check.py FILE"""

import json
import os
import subprocess
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
fault = JsonStrictValidator(SchemaVersion.V1_5).validate_str(text)
assert fault is None, fault
bom = json.loads(text)
assert bom["bomFormat"] == "CycloneDX" and bom["specVersion"] == "1.5", "not CycloneDX 1.5"
assert bom["serialNumber"].startswith("urn:uuid:")
names = [it["name"] for it in bom["components"]]
assert "landlock" in names and "toml" in names, "what is linked is missing"
assert not {"proptest", "tempfile", "syn"} & set(names), "what is not linked is listed"
toolchain = {it["name"]: it for it in bom["components"] if it["purl"].startswith("pkg:generic/")}
assert set(toolchain) == {"glibc", "libgcc", "rust-std"}, f"of the toolchain there is {set(toolchain)}"
for it in bom["components"]:
    assert it["version"] and it["licenses"][0]["expression"], it
    assert it["name"] in toolchain or it["hashes"][0]["content"], it
# What was built for this machine has this machine's; a cross compiler has its own.
if os.uname().machine in sys.argv[1].rsplit("-", 1)[1]:
    own = os.confstr("CS_GNU_LIBC_VERSION").split()[1]
    assert toolchain["glibc"]["version"].split("-")[0] == own, (toolchain["glibc"], own)
    rustc = subprocess.run(["rustc", "--version"], check=True, capture_output=True, text=True).stdout.split()[1]
    assert toolchain["rust-std"]["version"] == rustc, (toolchain["rust-std"], rustc)
root, = [it for it in bom["dependencies"] if it["ref"] == bom["metadata"]["component"]["bom-ref"]]
assert {it["bom-ref"] for it in toolchain.values()} <= set(root["dependsOn"]), root
references = {it["bom-ref"] for it in [bom["metadata"]["component"], *bom["components"]]}
for it in bom["dependencies"]:
    assert it["ref"] in references and set(it["dependsOn"]) <= references, it
