"""What `pinshim status` and `pinshim doctor` say, and processes for them to look at."""

import contextlib
import json
import os
import pathlib
import re
import subprocess

import clients
import processes
import product
import pytest

NOBODY = ["--reuid=65534", "--regid=65534", "--clear-groups"]


def _memory_is_readable():
    """May a process look into another one of its user that isn't its child? (Yama)"""
    scope = pathlib.Path("/proc/sys/kernel/yama/ptrace_scope")
    return os.geteuid() == 0 or not scope.exists() or scope.read_text().strip() == "0"


readable = pytest.mark.skipif(
    not _memory_is_readable(), reason="another process's memory can't be read here"
)


def status(*options):
    """Every process, as an object."""
    done = product.pinshim("status", "--json", *options)
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


def row(pid):
    """One of them."""
    (found,) = [process for process in status() if process["pid"] == pid]
    return found


def line(pid, *options):
    """Its line in the table."""
    done = product.pinshim("status", *options)
    assert done.returncode == 0, done
    (found,) = [text for text in done.stdout.splitlines() if re.match(rf"{pid} ", text)]
    return found


def doctor(what, **changes):
    """(exit status, object) for a program or a process."""
    env = product.command_environment(**changes)
    done = product.pinshim("doctor", "--json", what, env=env)
    assert done.stderr == "", done
    return done.returncode, json.loads(done.stdout)


def families(found):
    """Which kinds of TLS it has."""
    return {tls["family"] for tls in found["tls"]}


@contextlib.contextmanager
def waiting(words, env):
    """A program that says "ready", and more on that line, and lives until it is ended: its daemon."""
    with processes.Daemon(words, env=env, stdin=subprocess.PIPE) as daemon:
        daemon.wait_for_match(r"^ready")
        yield daemon


@contextlib.contextmanager
def python(folder, code="", *, policy=None, env=None, prefix=()):
    """Python with its ssl module, under the shim where there is a policy."""
    code = f"import ssl, sys\n{code}\nprint('ready', flush=True)\nsys.stdin.read()\n"
    words = [*prefix, *(product.under_shim(policy) if policy else []), clients.PYTHON, "-c", code]
    with waiting(words, env or product.environment(folder)) as daemon:
        yield daemon
