"""Parses every JSON and HCL file below packaging/; HCL with python-hcl2, and says so where that is missing."""

import json
import pathlib

for path in pathlib.Path("packaging").rglob("*.json"):
    json.loads(path.read_text())
    print("parsed", path)
try:
    import hcl2
except ImportError:
    print("not parsed: python-hcl2 is not installed")
else:
    for path in pathlib.Path("packaging").rglob("*.hcl"):
        with open(path, encoding="utf-8") as text:
            tree = hcl2.load(text)
        assert {"packer", "source", "build", "variable"} <= set(tree), f"{path}: {set(tree)}"
        print("parsed", path)
