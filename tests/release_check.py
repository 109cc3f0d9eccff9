"""Everything that is checked before a release, one step after the other, whatever became of those before.

Steps that are long by the clock run beside the others, at a low priority. A table at the end says how each went and how
long it took; each step's output is in LOGS/STEP.log.
Usage: release_check.py MAKE LOGS [STEP...]; status 0 where every step passed.
"""

import concurrent.futures
import dataclasses
import pathlib
import re
import subprocess
import sys
import time

# Steps whose targets a checkout may lack are told as absent, which fails: nothing is left out in silence.
FIRST = ("all", "clients")
BESIDE = ("soak", "fuzz")
STEPS = (
    *FIRST,
    *BESIDE,
    "check",
    "lint",
    "valgrind",
    "coverage",
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
        return f"{self.step:<14} {self.outcome:<8} {minutes:>4}:{seconds:02}"


def targets_of(make):
    """The names of the targets that there are."""
    done = subprocess.run([make, "-npqs", ":"], capture_output=True, text=True, check=False)
    return set(re.findall(r"(?m)^([a-z][a-z0-9-]*):", done.stdout))


def take(make, step, logs):
    """Runs a step to its end."""
    began = time.monotonic()
    words = [make, "--no-print-directory", step]
    with open(logs / f"{step}.log", "wb") as log:
        done = subprocess.run(
            ["nice", *words] if step in BESIDE else words,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    outcome = "passed" if done.returncode == 0 else "FAILED"
    return Result(step, outcome, time.monotonic() - began)


def take_all(make, steps, logs):
    """Runs steps in their order; how each went."""
    known = targets_of(make)
    results = []
    for step in steps:
        result = take(make, step, logs) if step in known else Result(step, "ABSENT", 0)
        results.append(result)
        print(f"release-check: {result.row()}", flush=True)
    return results


def main():
    """Runs them all."""
    make, logs = sys.argv[1], pathlib.Path(sys.argv[2])
    logs.mkdir(parents=True, exist_ok=True)
    steps = sys.argv[3:] or STEPS
    results = take_all(make, [step for step in steps if step in FIRST], logs)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        beside = pool.submit(take_all, make, [step for step in steps if step in BESIDE], logs)
        others = [step for step in steps if step not in FIRST + BESIDE]
        results += take_all(make, others, logs) + beside.result()
    print(f"\n{'step':<14} {'result':<8} {'m:s':>7}")
    for result in results:
        print(result.row())
    bad = [result.step for result in results if result.outcome != "passed"]
    if bad:
        sys.exit(f"release-check: {', '.join(bad)}: see {logs}")


if __name__ == "__main__":
    main()
