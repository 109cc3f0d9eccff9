"""Calls that fail: the preload of faults.c, one run for each call that may."""

import atexit
import dataclasses
import functools
import pathlib
import shutil
import subprocess
import tempfile

import product

MOST_POINTS = 400  # of one run under the shim: more is a loop


@functools.cache
def library():
    """The preload, compiled."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pinshim-tests-"))
    atexit.register(shutil.rmtree, folder)
    made = folder / "faults.so"
    source = pathlib.Path(__file__).with_name("faults.c")
    words = ["gcc", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-O1", "-g", "-shared", "-fPIC"]
    subprocess.run([*words, source, "-o", made], check=True)
    return made


@dataclasses.dataclass(frozen=True)
class Point:
    """A call that failed: its number, what was called, and from which function of which object."""

    number: int
    call: str
    object: str
    function: str

    def __str__(self):
        return f"{self.number}: {self.call} in {self.function}"


@functools.cache
def _function(binary, offset):
    """The function that holds an offset of a binary; of an inlined one, its own name."""
    words = ["addr2line", "-f", "-s", "-e", binary, hex(offset - 1)]  # behind the call
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[0]


class Faults:
    """What fails, in every run that is started with `environment`."""

    def __init__(self, folder, kind, *, whose="shim", error=None, sticks=False):
        self._folder, self.log = folder, folder / "faults.log"
        self._settings = {"FAULT_KIND": kind, "FAULT_WHOSE": whose}
        if error is not None:
            self._settings["FAULT_ERRNO"] = str(error)
        if sticks:
            self._settings["FAULT_STICKS"] = "1"

    def variables(self, policy, number=0):
        """The environment in which call `number` fails; 0: none before the program says so."""
        words = [library(), *product.sanitizers(), product.LIBRARY]  # before their malloc
        return {
            "LD_PRELOAD": ":".join(map(str, words)),
            "PINSHIM_CONFIG": str(getattr(policy, "path", policy)),
            **self._settings,
            "FAULT_AT": str(number),
            "FAULT_LOG": str(self.log),
            # Who asked for memory can't be told behind our malloc; the loader is let lose some.
            "ASAN_OPTIONS": "detect_leaks=0:verify_asan_link_order=0",
        }

    def _came(self, number):
        if not self.log.exists():
            return None
        call, binary, offset = self.log.read_text().split()
        return Point(number, call, pathlib.Path(binary).name, _function(binary, int(offset, 16)))

    def each(self, policy, run):
        """Calls run(variables) with the environment in which the first call fails, then the second,
        until none is left to fail; (point, what run returned) of each."""
        found = []
        for number in range(1, MOST_POINTS):
            self.log.unlink(missing_ok=True)
            try:
                outcome = run(self.variables(policy, number))
            except AssertionError as error:
                raise AssertionError(f"call {self._came(number)} failed:\n{error}") from error
            point = self._came(number)
            if point is None:
                return found
            found.append((point, outcome))
        raise AssertionError(f"still failing calls after {MOST_POINTS}")


def told(found):
    """Prints the points for who reads the test's output, and counts them by function."""
    for point, outcome in found:
        print(point, outcome)
    assert found, "nothing could be made to fail"
    return {point.function for point, _ in found}
