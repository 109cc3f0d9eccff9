"""Mount namespaces: a program that sees files of ours where the machine's own ones are."""

import functools
import os
import shlex
import subprocess

import pytest


def inside(script):
    """Words before a program, which then runs where the script has been run before."""
    return ["unshare", "--mount", "sh", "-ec", f'{script}\nexec "$@"', "sh"]


@functools.cache
def work():
    """True where this user may have one, and mount in it."""
    tried = [*inside("mount -t tmpfs tmpfs /run"), "true"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


needed = pytest.mark.skipif(
    os.geteuid() != 0 or not work(), reason="needs a mount namespace, and root's files in it"
)


def covering(place, file):
    """The script that puts a file, or a folder, over another."""
    return f"mount --bind {shlex.quote(str(file))} {shlex.quote(str(place))}"
