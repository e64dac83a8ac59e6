"""Prints the commands of the README's five minutes, one a line, without those that build and install the package."""

import pathlib
import re

blocks = re.findall(r"^ *```console\n(.*?)^ *```", pathlib.Path("README.md").read_text(encoding="utf-8"), re.M | re.S)
commands = [line.strip()[2:].split("  #")[0] for block in blocks for line in block.splitlines() if "$ " in line]
print("\n".join(it for it in commands if not it.startswith(("packaging/build.sh", "sudo apt-get install"))))
