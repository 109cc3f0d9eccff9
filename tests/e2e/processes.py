"""Processes: bounded in time, ended by their own ids, looked at for sanitizer reports."""

import dataclasses
import os
import pathlib
import re
import shlex
import subprocess
import threading

import pytest

TIMEOUT = 180  # seconds; of a program that should take a fraction of one
STOP_TIMEOUT = 30

# What runs programs of another architecture (`make aarch64`): qemu-aarch64-static -L ROOT.
EMULATOR = shlex.split(os.environ.get("PINSHIM_EMULATOR", ""))
EMULATED_ROOT = pathlib.Path(EMULATOR[-1]) if EMULATOR else None

_SANITIZER = re.compile(
    r"(AddressSanitizer|LeakSanitizer|UndefinedBehaviorSanitizer|runtime error):"
)


def assert_clean(stderr, what):
    """Fails where a sanitizer has reported anything."""
    assert not _SANITIZER.search(stderr), f"sanitizer report of {what}:\n{stderr}"


def emulated(arguments):
    """The words that start a program, by the emulator where it is of the emulated architecture: one of the
    build's, or one that the emulated root has. `env` and its settings may stand before it."""
    words = [str(argument) for argument in arguments]
    if not EMULATOR:
        return words
    at = next(i for i, word in enumerate(words) if word != "env" and "=" not in word)
    program = pathlib.Path(words[at])
    if not program.is_relative_to(EMULATED_ROOT.parent):
        program = EMULATED_ROOT / "usr/bin" / program.name
    if not program.exists():
        if at:
            pytest.skip(f"no {program.name} of the emulated architecture")
        return words
    return [*words[:at], *EMULATOR, str(program), *words[at + 1 :]]


@dataclasses.dataclass(frozen=True)
class Finished:
    """How a program ended, and what it said."""

    arguments: list
    status: int
    stdout: str
    stderr: str

    @property
    def output(self):
        """Both streams, for a test that doesn't care which."""
        return self.stdout + self.stderr

    def __repr__(self):
        return (
            f"{' '.join(self.arguments)}\n-- status {self.status}\n-- stdout\n{self.stdout}\n"
            f"-- stderr\n{self.stderr}"
        )


def run(arguments, *, env, stdin="", timeout=TIMEOUT, cwd=None):
    """Runs a program to its end. A sanitizer's report, a signal or a timeout fails the test."""
    arguments = emulated(arguments)
    try:
        done = subprocess.run(
            arguments,
            env=env,
            input=stdin.encode(),
            capture_output=True,
            timeout=timeout,
            cwd=cwd,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        raise AssertionError(
            f"still running after {timeout} s: {' '.join(arguments)}\n"
            f"{late.stdout}\n{late.stderr}"
        ) from late
    result = Finished(
        arguments,
        done.returncode,
        done.stdout.decode(errors="replace"),
        done.stderr.decode(errors="replace"),
    )
    assert_clean(result.stderr, arguments[0])
    assert result.status >= 0, f"ended by signal {-result.status}\n{result}"
    return result


def plain_environment(folder):
    """The environment of every client: nothing that could lead it elsewhere."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": str(folder)}


_LISTENING = "0A"


def listening_port(pid):
    """Where a server listens, by IPv4, that doesn't say it."""
    sockets = set()
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        sockets |= set(re.findall(r"socket:\[(\d+)\]", str(entry.readlink())))
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, local, _, state, *rest = line.split()
        if state == _LISTENING and rest[5] in sockets:
            return int(local.split(":")[1], 16)
    raise AssertionError(f"{pid} listens nowhere")


class Daemon:
    """A server process. A thread reads its output line by line, so that nobody has to sleep."""

    def __init__(self, arguments, *, env, pass_fds=(), stdin=subprocess.DEVNULL):
        self.arguments = emulated(arguments)
        self._lines = []
        self._news = threading.Condition()
        self._process = subprocess.Popen(
            self.arguments,
            env=env,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=pass_fds,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            with self._news:
                self._lines.append(line.decode(errors="replace").rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._lines.append(None)  # no more
            self._news.notify_all()

    @property
    def lines(self):
        """What it has said so far."""
        with self._news:
            return [line for line in self._lines if line is not None]

    def wait_for(self, wanted, timeout=STOP_TIMEOUT):
        """The first true value that wanted(lines) gives, now or once more lines have come."""
        with self._news:

            def answer():
                return wanted([line for line in self._lines if line is not None])

            self._news.wait_for(lambda: answer() or None in self._lines, timeout)
            found = answer()
        assert found, f"not said within {timeout} s: {' '.join(self.arguments)}\n" + "\n".join(
            self.lines
        )
        return found

    def wait_for_match(self, pattern, timeout=STOP_TIMEOUT):
        """The match of a pattern in the first line that has one."""
        return self.wait_for(
            lambda lines: next(
                (m for m in (re.search(pattern, line) for line in lines) if m), None
            ),
            timeout,
        )

    def say(self, line):
        """A line to its standard input, which must be a pipe."""
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    @property
    def pid(self):
        """Its process id."""
        return self._process.pid

    def end(self, signal_number):
        """Sends it a signal that must end it; its exit status (negative: the signal's number)."""
        self._process.send_signal(signal_number)
        return self._process.wait(STOP_TIMEOUT)

    def stop(self):
        """Ends it, and whatever it said is known then."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT)
        if self._process.stdin:  # for its children, who may hold its output open until it ends
            self._process.stdin.close()
        self._reader.join(STOP_TIMEOUT)
        self._process.stdout.close()
        assert_clean("\n".join(self.lines), self.arguments[0])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
