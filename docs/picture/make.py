#!/usr/bin/env python3
"""Draws docs/picture/session.svg from a real session: gatesh runs on a pty, keys are typed, and the screen that a
terminal emulator (pyte) then holds is written out cell by cell. Nothing in it is drawn by hand.

    pip install pyte
    cargo build
    sudo docs/picture/make.py

As root the session is ann's, of the group log-readers, on ip-10-0-3-17, in /opt/app/logs: all of that exists in mount
and UTS namespaces of the session alone. Without root it is that of whoever runs it, in a temporary directory.
"""
import argparse
import fcntl
import html
import os
import pty
import select
import shutil
import struct
import subprocess
import tempfile
import termios
import time

import pyte

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS, COLUMNS = 30, 80

RULES = """
description = "Read application logs"
include     = ["filters"]
directories = ["LOGS", "LOGS/**"]

[types]
log  = { file = ["LOGS/**"] }
dir  = { directory = ["LOGS", "LOGS/**"] }
rows = { integer = [1, 100000] }

[[allow]]
commands = [
  "cat [-n] <log>...",
  "ls [-alt] [<dir>...]",
  "tail [-f] [-n <rows>] <log>...",
]

[cases]
allow = ["tail -n 100 LOGS/app.log"]
"""

FILTERS = """
[types]
lines = { integer = [0, 100000] }
[[allow]]
commands = ["grep [-Eivnc] <text>", "head [-n <lines>]", "sort [-nr]", "wc [-l]"]
"""

# What is typed, and how long to wait for what it shows.
KEYS = [
    ("help tail\r", 0.6),
    ("tail -n 3 app.log | grep -c ERROR\r", 0.8),
    ("tail -\t", 0.6),
    ("\x15cat /etc/shadow\r", 0.6),
    ("tial -n 5 app.log\r", 0.6),
    ("cat app.log | awk 1\r", 0.6),
    ("cat app.log > /tmp/x\r", 0.6),
    ("tail --lines", 0.5),
    ("\x03", 0.4),
    ("tail -n ", 0.5),
]

# Of the terminal's colours only red is used; faint is text at the edge of legibility in either scheme.
STYLE = """
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
.ground { fill: #ffffff; stroke: #d0d7de } .plain { fill: #1f2328 } .red { fill: #cf222e } .dim { fill: #6e7781 }
.cursor { fill: #1f2328; opacity: .5 }
@media (prefers-color-scheme: dark) {
  .ground { fill: #0d1117; stroke: #30363d } .plain { fill: #e6edf3 } .red { fill: #ff7b72 } .dim { fill: #8b949e }
  .cursor { fill: #e6edf3 }
}
"""


class Screen(pyte.Screen):
    """pyte knows no faint text: it is kept as a colour of its own."""

    def select_graphic_rendition(self, *attributes, **how):
        if 2 in attributes:
            self.cursor.attrs = self.cursor.attrs._replace(fg="dim")
            attributes = tuple(a for a in attributes if a != 2)
            if not attributes:
                return
        super().select_graphic_rendition(*attributes, **how)


# Runs in namespaces of its own: nothing of this is seen from outside.
STAGE = """set -e
mount --make-rprivate /
echo 'ann:x:20001:20001::/home/ann:/bin/sh' | cat /etc/passwd - > "$1/passwd"
printf 'ann:x:20001:\\nlog-readers:x:20002:ann\\n' | cat /etc/group - > "$1/group"
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/group" /etc/group
mount -t tmpfs -o mode=0755 tmpfs /opt
cp -r "$1/app" /opt/app
chown -R 20001:20001 /opt/app/policy
hostname ip-10-0-3-17
cd /opt/app/logs
exec setpriv --reuid=20001 --regid=20001 --init-groups /opt/app/gatesh --config /opt/app/policy
"""


def prepare(top, program):
    """The tree, the command, and where it starts."""
    staged = os.getuid() == 0
    app = os.path.join(top, "app")
    seen = "/opt/app" if staged else app
    for name in ("logs", "policy/groups.d", "policy/sets.d"):
        os.makedirs(os.path.join(app, name))
    lines = [f"2026-11-23T03:12:{s:02} {'ERROR timeout' if s % 3 == 0 else 'INFO ok'}\n" for s in range(60)]
    for name in ("app.log", "access.log"):
        write(app, f"logs/{name}", "".join(lines))
    own = subprocess.check_output(["id", "-gn"], text=True).strip()
    write(app, f"policy/groups.d/{'log-readers' if staged else own}.toml", RULES.replace("LOGS", f"{seen}/logs"))
    write(app, "policy/sets.d/filters.toml", FILTERS)
    write(app, "policy/audit.log", "")
    write(app, "policy/gatesh.toml", 'labels = ["env=prod"]\n[session]\nroot = true\n'
          f'[audit]\nsink = "file"\nfile = "{seen}/policy/audit.log"\n')
    shutil.copy2(os.path.realpath(program), os.path.join(app, "gatesh"))
    if staged:
        return ["/usr/bin/unshare", "--uts", "--mount", "/bin/sh", "-c", STAGE, "stage", top], "/"
    return [os.path.join(app, "gatesh"), "--config", os.path.join(app, "policy")], os.path.join(app, "logs")


def write(top, name, text):
    with open(os.path.join(top, name), "w") as file:
        file.write(text)


def session(command, directory):
    """Types the keys, and answers with the screen after the last."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(directory)
        os.execve(command[0], command, {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    screen = Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    show(terminal, stream, 1.5)
    for keys, wait in KEYS:
        os.write(terminal, keys.encode())
        show(terminal, stream, wait)
    os.close(terminal)
    os.waitpid(child, 0)
    return screen


def show(terminal, stream, wait):
    end = time.monotonic() + wait
    while (left := end - time.monotonic()) > 0:
        if select.select([terminal], [], [], left)[0]:
            stream.feed(os.read(terminal, 65536))


def draw(screen):
    width, height, margin = 8.43, 19, 14
    used = max(y for y in range(ROWS) if any(screen.buffer[y][x].data.strip() for x in range(COLUMNS))) + 1
    size = (COLUMNS * width + 2 * margin, used * height + 2 * margin)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]:.0f} {size[1]:.0f}" role="img" '
           'aria-label="A gatesh session, as the terminal showed it">',
           f"<style>{STYLE}</style>",
           f'<rect class="ground" x=".5" y=".5" width="{size[0] - 1:.0f}" height="{size[1] - 1:.0f}" rx="8"/>']
    for y in range(used):
        for x, text, kind in runs(screen.buffer[y]):
            place = f'x="{margin + x * width:.1f}" y="{margin + (y + .75) * height:.1f}"'
            length = f'textLength="{len(text) * width:.1f}" lengthAdjust="spacingAndGlyphs"'
            out.append(f'<text class="{kind}" {place} {length} xml:space="preserve">{html.escape(text)}</text>')
    x, y = margin + screen.cursor.x * width, margin + screen.cursor.y * height
    out.append(f'<rect class="cursor" x="{x:.1f}" y="{y:.1f}" width="{width}" height="{height}"/></svg>')
    return "\n".join(out) + "\n"


def runs(row):
    """Neighbouring cells of one colour."""
    found, start, text, kind = [], 0, "", None
    for x in range(COLUMNS):
        here = {"red": "red", "dim": "dim"}.get(row[x].fg, "plain")
        if here != kind and text:
            found.append((start, text, kind))
            text = ""
        if not text:
            start, kind = x, here
        text += row[x].data or " "
    found.append((start, text, kind))
    return [(x + len(t) - len(t.lstrip()), t.strip(), k) for x, t, k in found if t.strip()]


def main():
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--gatesh", default=None, help="the program (default: the newest one built)")
    asked = asked.parse_args()
    built = subprocess.run(["find", os.path.join(HERE, "../../target"), "-maxdepth", "3", "-name", "gatesh",
                            "-type", "f", "-perm", "-u+x", "-printf", "%T@ %p\n"], capture_output=True, text=True)
    program = asked.gatesh or sorted(built.stdout.split("\n"))[-1].split(" ", 1)[1]
    top = tempfile.mkdtemp(prefix="gt")
    try:
        os.chmod(top, 0o755)
        picture = draw(session(*prepare(top, program)))
        write(HERE, "session.svg", picture)
    finally:
        shutil.rmtree(top)


main()
