"""Prints, as one shell script, what an artefact would have a host run: images.py KIND NAME=VALUE...

KIND is component, packer, cloud-init or document. Who would run it (Image Builder, Packer, cloud-init, the SSM agent)
substitutes the values and copies the files; that is done here as they document it."""

import pathlib
import sys

import yaml

AMI = pathlib.Path("packaging/ami")


class Template(yaml.SafeLoader):
    """CloudFormation's !Ref and the like, which say nothing about what is run."""


Template.add_multi_constructor("!", lambda loader, suffix, node: None)


def component(values):
    """Every step of every phase, each in a shell of its own."""
    lines = ["set -e"]
    for phase in yaml.safe_load((AMI / "component.yaml").read_text())["phases"]:
        for step in phase["steps"]:
            lines.append(f"echo '# {phase['name']}: {step['name']}'")
            if step["action"] == "S3Download":
                lines += [f"aws s3 cp {it['source']} {it['destination']}" for it in step["inputs"]]
            else:
                lines += ["bash <<'STEP'", *step["inputs"]["commands"], "STEP"]
    return substitute("\n".join(lines), values, "{{ %s }}")


def packer(values):
    import hcl2

    with open(AMI / "gatesh.pkr.hcl", encoding="utf-8") as text:
        provisioners = hcl2.load(text)["build"][0]["provisioner"]
    lines = ["set -e"]
    for provisioner in provisioners:
        (kind, body), = provisioner.items()
        if kind.strip('"') == "file":
            lines.append(f"cp {body['source']} {body['destination']}".replace('"', ""))
        else:
            lines += [line[1:-1] for line in body["inline"]]
    return substitute("\n".join(lines), values, "${%s}")


def cloud_init(values):
    data = yaml.safe_load((AMI / "cloud-init.yaml").read_text())
    lines = ["set -e"]
    # `cloud-init-per FREQUENCY NAME COMMAND...` runs the command once.
    for _, frequency, name, *command in data["bootcmd"]:
        assert frequency == "instance"
        lines += [f"if [ ! -e /root/done.{name} ]; then", " ".join(command), f"touch /root/done.{name}", "fi"]
    for file in data["write_files"]:
        lines += [f"cat >{file['path']} <<'FILE'", file["content"] + "FILE", f"chmod {file['permissions']} {file['path']}"]
    lines += [" ".join(command) for command in data["runcmd"]]
    return substitute("\n".join(lines), values, "%s")


def document(values):
    template = yaml.load(pathlib.Path("packaging/fleet/association.yaml").read_text(), Template)
    step, = template["Resources"]["Document"]["Properties"]["Content"]["mainSteps"]
    return substitute("\n".join(step["inputs"]["runCommand"]), values, "{{%s}}")


def substitute(script, values, form):
    for name, value in values.items():
        assert form % name in script, f"nothing is called {name}"
        script = script.replace(form % name, value)
    return script


KINDS = {"component": component, "packer": packer, "cloud-init": cloud_init, "document": document}
print(KINDS[sys.argv[1]](dict(word.split("=", 1) for word in sys.argv[2:])))
