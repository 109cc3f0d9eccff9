#!/usr/bin/python3
"""No collateral damage: other projects' TLS tests, without the shim and under it.

Usage: compat.py BUILD [SUITE...]. Prints a table, and exits with 1 where the shim makes a difference
to a test of theirs, or where it can't be shown to have been there. docs/compatibility.md says more.
"""

import concurrent.futures
import dataclasses
import fnmatch
import pathlib
import sys
import time

import cpython
import curl
import debian
import gnutls
import perl
import suite
import ways

SUITES = {
    s.title: s
    for s in (
        cpython.CPython,
        perl.NetSSLeay,
        perl.IOSocketSSL,
        curl.Curl,
        curl.CurlGnuTLS,
        curl.CurlNSS,
        gnutls.GnuTLS,
    )
}
RERUNS = 2  # of a test that differs, in both ways, before it counts


@dataclasses.dataclass
class Outcome:
    """What a suite's runs have come to. `differing` and `flaky` hold names of tests by way."""

    suite: suite.Suite
    version: str
    results: dict = dataclasses.field(default_factory=dict)
    differing: dict = dataclasses.field(default_factory=dict)
    flaky: dict = dataclasses.field(default_factory=dict)
    troubles: list = dataclasses.field(default_factory=list)

    def passed(self, way, among=None):
        """How many tests passed."""
        return sum(
            result == suite.PASS
            for name, result in self.results[way].items()
            if among is None or name in among
        )

    def unexpected(self):
        """The tests that differ, but for those that are known to."""
        found = {name for names in self.differing.values() for name in names}
        return found - set(self.suite.known)


def differences(one, other, among):
    """The names with another result, or with one in only one of the runs."""
    return sorted(name for name in among if one.get(name) != other.get(name))


def run(outcome, way, only=None):
    """One run, told on stderr."""
    began = time.monotonic()
    results = outcome.suite.run(way, only)
    if only is None:
        outcome.results[way.name] = results
    some = f", {len(only)} tests" if only else ""
    print(
        f"compat: {outcome.suite.title}, {way.name}{some}: {len(results)} results in "
        f"{time.monotonic() - began:.0f} s",
        file=sys.stderr,
    )
    return results


def compare(outcome, without, way):
    """Runs a suite under a policy that must make no difference."""
    base = outcome.results["without"]
    results = run(outcome, way)
    first = differences(base, results, set(base) | set(results))
    differing = first
    for _ in range(RERUNS):
        if differing:
            differing = differences(
                run(outcome, without, differing), run(outcome, way, differing), differing
            )
    outcome.differing[way.name] = differing
    outcome.flaky[way.name] = sorted(set(first) - set(differing))


def check_control(outcome, way):
    """The same tests must notice a policy that is meant for them."""
    base = outcome.results["without"]
    only = [
        name
        for name in base
        if any(fnmatch.fnmatchcase(name, pattern) for pattern in outcome.suite.control)
    ]
    results = run(outcome, way, only) if only else {}
    outcome.results["control"] = {name: results.get(name) for name in only}
    if not differences(base, results, only):
        outcome.troubles.append("the control made no difference: nothing is proven")


def examine(outcome, all_ways):
    """Every run of a suite."""
    run(outcome, all_ways["without"])
    if not outcome.passed("without"):
        outcome.troubles.append("no test passes without the shim")
        return
    for name in ("empty", "others"):
        compare(outcome, all_ways["without"], all_ways[name])
    check_control(outcome, all_ways["control"])
    if not outcome.suite.protected:
        outcome.troubles.append("no process was seen with the shim")
    outcome.troubles += [f"without the shim: {words}" for words in outcome.suite.unprotected]


def row(*cells):
    print("| " + " | ".join(map(str, cells)) + " |")


def print_table(outcomes):
    """Two rows a suite: what must be equal, and what must not."""
    row("suite", "without", "empty", "others", "difference", "TLS processes seen, with the shim")
    row(*["---"] * 6)
    for outcome in outcomes:
        if "others" not in outcome.results:
            row(f"{outcome.suite.title} {outcome.version}", *["?"] * 5)
            continue
        found = {name for names in outcome.differing.values() for name in names}
        seen = outcome.suite.protected + len(outcome.suite.unprotected)
        row(
            f"{outcome.suite.title} {outcome.version}",
            f"{outcome.passed('without')} of {len(outcome.results['without'])}",
            outcome.passed("empty"),
            outcome.passed("others"),
            len(found) or "none",
            f"{outcome.suite.protected} of {seen}",
        )
    print()
    row("control", "tests", "pass without", "pass where their server is pinned to a wrong key")
    row(*["---"] * 4)
    for outcome in outcomes:
        if "control" in outcome.results:
            among = outcome.results["control"]
            counts = (outcome.passed(way, among) for way in ("without", "control"))
            row(outcome.suite.title, len(among), *counts)


def print_details(outcomes):
    """What a table has no room for."""
    for outcome in outcomes:
        title = outcome.suite.title
        for name, result in sorted(outcome.results.get("without", {}).items()):
            if result == suite.FAIL:
                print(f"{title}: fails without the shim, too: {name}")
        for way, names in outcome.flaky.items():
            for name in names:
                print(f"{title}: flaky, equal when run again (without, {way}): {name}")
        for way, names in outcome.differing.items():
            for name in names:
                without, under = (outcome.results[w].get(name, "missing") for w in ("without", way))
                known = " (known)" if name in outcome.suite.known else ""
                print(f"{title}: DIFFERENCE{known}, {way}: {without} -> {under}: {name}")
        for trouble in outcome.troubles:
            print(f"{title}: {trouble}")


def main():
    """The whole of it; the exit status."""
    build = pathlib.Path(sys.argv[1]).resolve()
    folder = build / "compat"
    sources = debian.Sources(folder / "sources")
    all_ways = ways.all_ways(build, folder / "ways")
    outcomes = []
    try:
        for title in sys.argv[2:] or SUITES:
            wanted = SUITES[title]
            source, version = sources.fetch(
                wanted.package, debian.installed_version(wanted.program)
            )
            outcomes.append(Outcome(wanted(source, folder / wanted.__name__.lower()), version))
            outcomes[-1].suite.prepare()
    except debian.Unavailable as missing:
        print(f"compat: {missing}", file=sys.stderr)
        return 2
    with concurrent.futures.ThreadPoolExecutor(len(outcomes)) as pool:
        list(pool.map(lambda outcome: examine(outcome, all_ways), outcomes))
    if all_ways["others"].events():
        outcomes[0].troubles.append("events of hosts that no suite talks to: see others.jsonl")
    print_table(outcomes)
    print_details(outcomes)
    bad = any(outcome.troubles or outcome.unexpected() for outcome in outcomes)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
