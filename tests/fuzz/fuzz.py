"""Runs the fuzz targets of a build: by afl-fuzz for a time, two at once, or once over their corpora.

A crash, a hang or a leak is a finding, which fails. What afl-fuzz finds stays in BUILD/found.
"""

import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
CORPUS = HERE / "corpus"
# Seeds that other tests have.
MORE = {"policy": HERE.parent / "fixtures" / "policies" / "good"}
AT_ONCE = 2
TIMEOUT = 2000  # milliseconds an input may take; of a hang, five times as long
GRACE = 300  # seconds that a run may take beyond its time, and a corpus at most


def seeds_of(name):
    """The files that a target begins with."""
    folders = [folder for folder in (CORPUS / name, MORE.get(name)) if folder]
    return sorted(path for folder in folders for path in folder.iterdir() if path.is_file())


def over_corpus(target, work):
    """Each seed once; the end of what it said where it failed."""
    seeds = seeds_of(target.name)
    done = subprocess.run(
        [target, *seeds],
        env={**os.environ, "TMPDIR": str(work)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        timeout=GRACE,
        check=False,
    )
    print(f"fuzz: {target.name}: {len(seeds)} inputs", "" if done.returncode else ": fine", sep="")
    if done.returncode:
        print(done.stderr[-4000:], file=sys.stderr)
    return done.returncode == 0


def fuzzing(target, work, found, seconds):
    """Fuzzes one target for so long; what afl-fuzz counted."""
    seeds = work / "seeds"
    seeds.mkdir()
    for number, path in enumerate(seeds_of(target.name)):
        shutil.copy(path, seeds / f"{number:03}-{path.name}")
    shutil.rmtree(found, ignore_errors=True)
    found.parent.mkdir(exist_ok=True)
    words = ["afl-fuzz", "-i", seeds, "-o", found, "-V", seconds, "-t", TIMEOUT, "-m", "none"]
    dictionary = CORPUS / f"{target.name}.dict"
    if dictionary.exists():
        words += ["-x", dictionary]
    env = {
        **os.environ,
        "TMPDIR": str(work),
        "AFL_NO_UI": "1",
        "AFL_SKIP_CPUFREQ": "1",
        "AFL_NO_AFFINITY": "1",
        "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
        "AFL_HANG_TMOUT": str(5 * TIMEOUT),
    }
    done = subprocess.run(
        [str(word) for word in (*words, "--", target)],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=seconds + GRACE,
        check=False,
    )
    assert done.returncode == 0, f"{target.name}: {done.stdout[-4000:]}"
    lines = (found / "default" / "fuzzer_stats").read_text().splitlines()
    return dict((word.strip() for word in line.split(":", 1)) for line in lines)


HEAD = ("target", "executions", "a second", "inputs", "edges", "of", "covered", "crashes", "hangs")
COUNTED = (
    "execs_done",
    "execs_per_sec",
    "corpus_count",
    "edges_found",
    "total_edges",
    "bitmap_cvg",
    "saved_crashes",
    "saved_hangs",
)


def fuzz_all(targets, found, seconds):
    """A line for each; True where nothing was found."""

    def one(target):
        with tempfile.TemporaryDirectory(prefix="pinshim-fuzz-", dir="/dev/shm") as work:
            return fuzzing(target, pathlib.Path(work), found / target.name, seconds)

    print("".join(f"{word:>12}" for word in HEAD), flush=True)
    clean = True
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for target, stats in zip(targets, pool.map(one, targets)):
            row = [target.name, *(stats[key] for key in COUNTED)]
            print("".join(f"{word:>12}" for word in row), flush=True)
            clean = clean and stats["saved_crashes"] == stats["saved_hangs"] == "0"
    return clean


def main():
    """Status 0: no findings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, help="fuzz each for so long")
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("targets", nargs="*")
    given = parser.parse_args()
    folder = given.build.resolve() / "tests" / "fuzz"
    names = given.targets or sorted(path.stem[5:] for path in HERE.glob("fuzz_*.c"))
    targets = [folder / name for name in names]
    if given.seconds:
        clean = fuzz_all(targets, given.build.resolve() / "found", given.seconds)
    else:
        with tempfile.TemporaryDirectory(prefix="pinshim-fuzz-") as work:
            clean = all([over_corpus(target, work) for target in targets])
    if not clean:
        sys.exit("fuzz: findings")


if __name__ == "__main__":
    main()
