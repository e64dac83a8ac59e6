"""Holds a CycloneDX file against what a reader of it needs: sbom_check.py FILE"""

import json
import sys

bom = json.load(open(sys.argv[1], encoding="utf-8"))
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
