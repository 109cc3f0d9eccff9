"""The share of lines that were run, by folder, of a build with --coverage. Usage: coverage.py BUILD

Fails where a folder is below its bound.
"""

import collections
import json
import pathlib
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[1]
# Percent of lines.
BOUNDS = {"config": 90, "shim": 90, "hooks": 80, "agent": 80, "bundle": 90, "tools": 80}


def files_of(build):
    """gcovr's summary of each source file."""
    words = ["gcovr", "--json-summary", "--root", PROJECT, "--gcov-ignore-parse-errors"]
    for folder in BOUNDS:
        words += ["--filter", f"{PROJECT}/{folder}/"]
    done = subprocess.run(
        [*map(str, words), str(build / "obj")], stdout=subprocess.PIPE, check=True, cwd=PROJECT
    )
    return json.loads(done.stdout)["files"]


def main():
    """Prints the folders, and the files that are covered least."""
    build = pathlib.Path(sys.argv[1]).resolve()
    files = files_of(build)
    total, covered = collections.Counter(), collections.Counter()
    for file in files:
        folder = file["filename"].split("/")[0]
        total[folder] += file["line_total"]
        covered[folder] += file["line_covered"]
    below = []
    print(f"{'folder':<8} {'lines':>6} {'run':>6} {'share':>7}  at least")
    for folder, bound in BOUNDS.items():
        share = 100 * covered[folder] / max(1, total[folder])
        print(f"{folder:<8} {total[folder]:>6} {covered[folder]:>6} {share:>6.1f}%  {bound}")
        if share < bound:
            below.append(folder)
    print("files with the most lines that were not run:")
    for file in sorted(files, key=lambda f: f["line_covered"] - f["line_total"])[:25]:
        missing = file["line_total"] - file["line_covered"]
        if missing:
            print(f"{missing:>6} of {file['line_total']:>4}  {file['filename']}")
    if below:
        sys.exit(f"coverage: below the bound: {', '.join(below)}")


if __name__ == "__main__":
    main()
