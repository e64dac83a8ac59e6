"""Holds a CycloneDX file against its schema and against what a reader of it needs: sbom_check.py FILE"""

import json
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
for it in bom["components"]:
    assert it["version"] and it["licenses"][0]["expression"] and it["hashes"][0]["content"], it
references = {it["bom-ref"] for it in [bom["metadata"]["component"], *bom["components"]]}
for it in bom["dependencies"]:
    assert it["ref"] in references and set(it["dependsOn"]) <= references, it
