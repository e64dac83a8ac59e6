"""Holds a YAML or JSON document against a JSON schema: schema.py DOCUMENT SCHEMA"""

import json
import pathlib
import sys

import jsonschema
import yaml

document, schema = (pathlib.Path(name).read_text(encoding="utf-8") for name in sys.argv[1:])
jsonschema.validate(yaml.safe_load(document), json.loads(schema))
