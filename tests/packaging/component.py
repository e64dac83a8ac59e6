"""Holds an EC2 Image Builder component against its schema 1.0: component.py FILE

The names of phases and action modules, and the limit of inline data (16,000 characters), are Image Builder's."""

import sys

import yaml

text = open(sys.argv[1], encoding="utf-8").read()
assert len(text) <= 16000, f"{len(text)} characters: too long for inline data"
document = yaml.safe_load(text)
assert document["schemaVersion"] in (1.0, "1.0")
phases = [phase["name"] for phase in document["phases"]]
assert phases == ["build", "validate", "test"], phases
names = set()
for phase in document["phases"]:
    for step in phase["steps"]:
        assert step["name"] not in names, f"two steps are called {step['name']}"
        names.add(step["name"])
        assert step["action"] in ("ExecuteBash", "S3Download", "Reboot"), step["action"]
        assert step.get("onFailure", "Abort") == "Abort", f"{step['name']} goes on after a failure"
        assert 0 < step.get("timeoutSeconds", 7200) <= 43200
