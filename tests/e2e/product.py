"""The product under test: where it is, and how a program is started under it."""

import functools
import os
import pathlib
import subprocess

import processes

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PINSHIM_BUILD", PROJECT / "build")).resolve()
PINSHIM = BUILD / "pinshim"
LIBRARY = BUILD / "libpinshim.so"
CLIENTS = BUILD / "tests" / "clients"


@functools.cache
def sanitizers():
    """The sanitizer runtimes that the library was built with; none for an ordinary build."""
    dynamic = subprocess.run(["readelf", "-d", LIBRARY], capture_output=True, text=True, check=True).stdout
    names = [name for name in ("libasan.so", "libubsan.so") if name in dynamic]
    return [subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True,
                           check=True).stdout.strip() for name in names]


def environment(folder, *preloads):
    """The environment for a program, with `preloads` behind the runtimes that a sanitized build needs first.

    A program that isn't instrumented itself can't be told from one that leaks on purpose: leaks are counted for
    the kit alone (kit.py). `pinshim run` puts the library before the runtimes: harmless, for both stand before
    libc, but the runtime would object.
    """
    env = processes.plain_environment(folder)
    words = [*sanitizers(), *map(str, preloads)] if LIBRARY.exists() else list(map(str, preloads))
    if words:
        env["LD_PRELOAD"] = ":".join(words)
    env["ASAN_OPTIONS"] = "detect_leaks=0:verify_asan_link_order=0"
    env["UBSAN_OPTIONS"] = "print_stacktrace=1"
    return env


def under_shim(policy):
    """The words that start a program under the shim with this policy."""
    return [PINSHIM, "run", "--config", policy, "--"]


def preloaded(folder, policy):
    """The environment of a program that has the library preloaded, without the command's help."""
    return {**environment(folder, LIBRARY), "PINSHIM_CONFIG": str(policy)}
