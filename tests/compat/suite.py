"""What every suite has in common. A suite gives the result of each of its tests, by name."""

import os
import pathlib
import signal
import subprocess

import presence
import ways

PASS, FAIL, SKIP = "pass", "fail", "skip"


class Suite:
    """The tests of one source package.

    title        what it is called in the table
    package      the source package
    program      the installed package under test
    control      patterns of tests that must come out otherwise where their servers are pinned to a
                 wrong key
    known        tests that differ for a reason: docs/compatibility.md says which
    timeout      seconds; of a command that should take a fraction of it
    """

    title = package = program = None
    control = ()
    known = ()
    timeout = 3600

    def __init__(self, source, folder):
        self.source = source
        self.folder = folder
        self.protected, self.unprotected = 0, []
        self._logs = 0

    def prepare(self):
        """Builds what the tests need."""

    def run(self, way, only=None):
        """The results of the tests, or of at least those named in `only`."""
        raise NotImplementedError

    def start(self, way, arguments, cwd):
        """Runs a command of the suite in one of the ways, watched; its status and output."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._logs += 1
        log = pathlib.Path(self.folder / f"{self._logs:03}-{way.name}.log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*way.words, *map(str, arguments)],
                cwd=cwd,
                env=ways.environment(self.folder),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            with presence.Watch(process.pid) as watch:
                status = self._end(process)
        if way.name in ("empty", "others"):
            self.protected += len(watch.protected)
            self.unprotected += watch.unprotected.values()
        return status, log.read_text(errors="replace")

    def _end(self, process):
        try:
            return process.wait(self.timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()
