"""Parses every JSON and HCL file below packaging/; HCL with python-hcl2. Where that is missing it says so, and in CI,
where everything can be had, it fails."""

import json
import os
import pathlib
import sys

for path in pathlib.Path("packaging").rglob("*.json"):
    json.loads(path.read_text())
    print("parsed", path)
try:
    import hcl2
except ImportError:
    print("not parsed: python-hcl2 is not installed")
    if os.environ.get("CI"):
        sys.exit(1)
else:
    for path in pathlib.Path("packaging").rglob("*.hcl"):
        with open(path, encoding="utf-8") as text:
            tree = hcl2.load(text)
        assert {"packer", "source", "build", "variable"} <= set(tree), f"{path}: {set(tree)}"
        print("parsed", path)
