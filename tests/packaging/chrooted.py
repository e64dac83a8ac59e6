"""A connection of Ansible's to a host that is a directory: what it runs there is run in a chroot, and what it copies
there is copied into it. The controller stays outside."""

import os
import shlex

from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = """
name: chrooted
short_description: a clean system in a directory
description: [a clean system in a directory, for the project's tests]
extends_documentation_fragment: [connection_pipelining]
options:
  root:
    description: [the directory]
    env: [{name: GATESH_TRIAL_ROOT}]
"""


class Connection(Local):
    transport = "chrooted"

    def exec_command(self, cmd, in_data=None, sudoable=True):
        return super().exec_command(f"chroot {self.root()} /bin/sh -c {shlex.quote(cmd)}", in_data, sudoable)

    def put_file(self, in_path, out_path):
        super().put_file(in_path, self.root() + out_path)

    def fetch_file(self, in_path, out_path):
        super().fetch_file(self.root() + in_path, out_path)

    @staticmethod
    def root():
        return os.environ["GATESH_TRIAL_ROOT"]
