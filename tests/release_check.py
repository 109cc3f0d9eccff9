"""Everything that is checked before a release, one step after the other, whatever became of those before.

A table at the end says how each went and how long it took; each step's output is in LOGS/STEP.log.
Usage: release_check.py MAKE LOGS [STEP...]; status 0 where every step passed.
"""

import dataclasses
import pathlib
import re
import subprocess
import sys
import time

# Steps whose targets a checkout may lack are told as absent, which fails: nothing is left out in silence.
STEPS = (
    "check",
    "lint",
    "valgrind",
    "coverage",
    "fuzz",
    "soak",
    "compat",
    "aarch64",
    "dist",
    "packages-check",
    "survey",
)


@dataclasses.dataclass
class Result:
    """How a step went."""

    step: str
    outcome: str
    seconds: float

    def row(self):
        """For the table."""
        minutes, seconds = divmod(round(self.seconds), 60)
        return f"{self.step:<12} {self.outcome:<8} {minutes:>4}:{seconds:02}"


def targets_of(make):
    """The names of the targets that there are."""
    done = subprocess.run([make, "-npqs", ":"], capture_output=True, text=True, check=False)
    return set(re.findall(r"(?m)^([a-z][a-z0-9-]*):", done.stdout))


def take(make, step, logs):
    """Runs a step to its end."""
    began = time.monotonic()
    with open(logs / f"{step}.log", "wb") as log:
        done = subprocess.run(
            [make, "--no-print-directory", step],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    outcome = "passed" if done.returncode == 0 else "FAILED"
    return Result(step, outcome, time.monotonic() - began)


def main():
    """Runs them all."""
    make, logs = sys.argv[1], pathlib.Path(sys.argv[2])
    logs.mkdir(parents=True, exist_ok=True)
    known = targets_of(make)
    results = []
    for step in sys.argv[3:] or STEPS:
        result = take(make, step, logs) if step in known else Result(step, "ABSENT", 0)
        results.append(result)
        print(f"release-check: {result.row()}", flush=True)
    print(f"\n{'step':<12} {'result':<8} {'m:s':>7}")
    for result in results:
        print(result.row())
    bad = [result.step for result in results if result.outcome != "passed"]
    if bad:
        sys.exit(f"release-check: {', '.join(bad)}: see {logs}")


if __name__ == "__main__":
    main()
