"""A terminal, for programs that have somebody sitting before it."""

import contextlib
import os
import subprocess

import processes


def run(words, env):
    """Runs a program, its standard error a terminal; (what it said on stdout, what there)."""
    terminal, stderr = os.openpty()
    words = [str(word) for word in words]
    with subprocess.Popen(
        words, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr
    ) as program:
        os.close(stderr)
        stdout, _ = program.communicate(timeout=processes.TIMEOUT)
    said = b""
    with contextlib.suppress(OSError):  # the end of a terminal
        while data := os.read(terminal, 4096):
            said += data
    os.close(terminal)
    processes.assert_clean(said.decode(), words[0])
    return stdout.decode(), said.decode().replace("\r", "")
