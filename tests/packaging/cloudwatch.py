"""The metric filters and queries against records that gatesh writes: cloudwatch.py BINARIES

Filters are evaluated by the part of CloudWatch's JSON patterns that they use. Of the queries the names are looked at:
each is a field of docs/audit.md or given in the query itself."""

import grp
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

import yaml

GATESH = pathlib.Path(sys.argv[1]) / "gatesh"
GROUP = grp.getgrgid(os.getgid()).gr_name


class Template(yaml.SafeLoader):
    """CloudFormation's !Ref and the like, which do not matter here."""


Template.add_multi_constructor("!", lambda loader, suffix, node: None)
TEMPLATE = yaml.load(pathlib.Path("packaging/cloudwatch/alarms.yaml").read_text(), Template)
RESOURCES = TEMPLATE["Resources"]


def write(directory):
    """Three lines in one session: allowed, denied, and one after somebody broke the rules; then a session that is
    refused."""
    policy = pathlib.Path(directory)
    log, rules = policy / "audit.log", policy / f"groups.d/{GROUP}.toml"
    log.touch(0o600)
    rules.parent.mkdir()
    rules.write_text('[[allow]]\ncommands = ["ls"]\n')
    (policy / "gatesh.toml").write_text(
        f'[session]\nroot = true\nmax_sessions = 100000\n[audit]\nsink = "file"\nfile = "{log}"\n')

    def read():
        return [json.loads(text) for text in log.read_text().splitlines()]

    with subprocess.Popen([GATESH, "--config", policy], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL, cwd="/", text=True) as session:
        session.stdin.write("ls\nid\n")
        session.stdin.flush()
        deadline = time.monotonic() + 60
        while not any(record["event"] == "denied" for record in read()) and time.monotonic() < deadline:
            time.sleep(0.05)
        rules.write_text("oops = 1\n")
        session.stdin.write("ls\n")
    rules.unlink()
    subprocess.run([GATESH, "--config", policy, "-c", "ls"], stderr=subprocess.DEVNULL, cwd="/", check=False)
    return read()


def one(written, event):
    found = [record for record in written if record["event"] == event]
    assert found, f"no record {event} among {written}"
    return found[0]


def matches(pattern, record):
    """{ $.field OPERATOR value || ... } as CloudWatch reads it."""
    terms = pattern.strip("{} ").split(" || ")
    return any(term_matches(*re.fullmatch(r"\$\.(\w+) (=|>) (.+)", term).groups(), record) for term in terms)


def term_matches(field, operator, value, record):
    value = json.loads(value)
    if field not in record:
        return False
    return record[field] == value if operator == "=" else record[field] > value


def filters():
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        written = write(directory)
    allowed, denied, fault, refused = (
        one(written, event) for event in ("command-start", "denied", "fault", "session-refused"))
    assert allowed["enforcement"] == "full", allowed
    samples = {
        "allowed": allowed, "denied": denied, "fault": fault, "refused": refused,
        # These take a kernel without Landlock and a log daemon that went away: the fields are the manual's.
        "lost": allowed | {"lost": 3}, "listed": allowed | {"enforcement": "listed"},
        "weak": allowed | {"enforcement": "exec-once only"}, "none": allowed | {"enforcement": "none"},
        "elevated": allowed | {"enforcement": "elevated"},
    }
    wanted = {"Records": set(samples), "Denials": {"denied", "refused"}, "Gaps": {"lost"}, "Faults": {"fault"}, "Weak": {"weak", "none"}}
    found = {name: {sample for sample, record in samples.items()
                    if matches(it["Properties"]["FilterPattern"], record)}
             for name, it in RESOURCES.items() if it["Type"] == "AWS::Logs::MetricFilter"}
    assert found == wanted, found
    counted = RESOURCES["Gaps"]["Properties"]["MetricTransformations"][0]["MetricValue"]
    assert counted == "$.lost", counted


def alarms():
    """Each metric has an alarm that is heard, under the name the filter gives it."""
    made = {it["Properties"]["MetricTransformations"][0]["MetricName"] for it in RESOURCES.values()
            if it["Type"] == "AWS::Logs::MetricFilter"}
    heard = {it["Properties"]["MetricName"] for it in RESOURCES.values() if it["Type"] == "AWS::CloudWatch::Alarm"}
    assert made == heard, (made, heard)


def silence():
    """A metric without data raises the alarm for silence and no other one."""
    properties = {name: it["Properties"] for name, it in RESOURCES.items() if it["Type"] == "AWS::CloudWatch::Alarm"}
    breaching = {name for name, it in properties.items() if it["TreatMissingData"] == "breaching"}
    assert breaching == {"NoRecords"}, breaching
    silent = properties["NoRecords"]
    assert (silent["ComparisonOperator"], silent["Threshold"]) == ("LessThanThreshold", 1), silent
    # A default would be data, and an alarm over more than a day is none that CloudWatch takes.
    assert "DefaultValue" not in RESOURCES["Records"]["Properties"]["MetricTransformations"][0]
    assert silent["Period"] * TEMPLATE["Parameters"]["SilentHours"]["MaxValue"] <= 86400


def queries():
    manual = pathlib.Path("docs/audit.md").read_text()
    fields = set(re.findall(r"^\| `(\w+)` \|", manual, re.MULTILINE))
    assert {"event", "seq", "policy", "enforcement", "ssm_session_hint"} <= fields, fields
    words = set("filter stats display sort by as and or desc asc count count_distinct earliest latest max ispresent".split())
    page = pathlib.Path("packaging/cloudwatch/cloudwatch-queries.md").read_text()
    on_the_page = ["\n".join(line[4:] for line in block.splitlines())
                   for block in re.findall(r"(?:^    .+\n)+", page, re.MULTILINE)]
    saved = [it["Properties"]["QueryString"] for it in RESOURCES.values() if it["Type"] == "AWS::Logs::QueryDefinition"]
    missing = [query for query in saved if query.strip() not in on_the_page]
    assert not missing, missing
    assert len(on_the_page) >= 7, on_the_page
    for query in on_the_page:
        bare = re.sub(r'"[^"]*"|\.\d+', "", query)
        given = set(re.findall(r" as (\w+)", bare))
        unknown = set(re.findall(r"[a-z_]+", bare)) - words - fields - given
        assert not unknown, f"{unknown} in {query}"


filters()
alarms()
silence()
queries()
