"""The product under test: where it is, and how a program is started under it."""

import atexit
import functools
import os
import pathlib
import pty
import shlex
import shutil
import subprocess
import tempfile

import processes
import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PINSHIM_BUILD", PROJECT / "build")).resolve()
PINSHIM = BUILD / "pinshim"
LIBRARY = BUILD / "libpinshim.so"
CLIENTS = BUILD / "tests" / "clients"
COMPILER = shlex.split(os.environ.get("PINSHIM_CC", "gcc"))

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def _gcc(*arguments):
    return subprocess.run(
        [*COMPILER, *map(str, arguments)], capture_output=True, text=True, check=True
    ).stdout.strip()


def multiarch():
    """What Debian calls the folder of this machine's libraries."""
    return _gcc("-print-multiarch")


@functools.cache
def sanitizers():
    """What must be preloaded for a library that was built with sanitizers; nothing for another."""
    if not LIBRARY.exists():
        return []
    dynamic = subprocess.run(
        ["readelf", "-d", LIBRARY], capture_output=True, text=True, check=True
    ).stdout
    runtimes = [
        _gcc(f"-print-file-name={name}")
        for name in ("libasan.so", "libubsan.so")
        if name in dynamic
    ]
    if not runtimes:
        return []
    first = pathlib.Path(tempfile.mkdtemp(prefix="pinshim-tests-"), "asan_first.so")
    atexit.register(shutil.rmtree, first.parent)
    first.parent.chmod(0o755)  # for tests that become another user
    _gcc(
        "-shared",
        "-fPIC",
        "-Wl,-z,initfirst",
        pathlib.Path(__file__).with_name("asan_first.c"),
        "-o",
        first,
        "-lasan",
    )
    return [*runtimes, str(first)]


def environment(folder, *preloads):
    """The environment for a program; `preloads` stand behind the runtimes of a sanitized build.

    A program that isn't instrumented itself may leak on purpose: leaks are counted for the kit
    alone (kit.py). `pinshim run` puts the library before the runtimes: harmless, for both stand
    before libc, but the runtime would object.
    """
    env = processes.plain_environment(folder)
    words = [*sanitizers(), *map(str, preloads)]
    if words:
        env["LD_PRELOAD"] = ":".join(words)
    env["ASAN_OPTIONS"] = "detect_leaks=0:verify_asan_link_order=0"
    env["UBSAN_OPTIONS"] = "print_stacktrace=1"
    return env


def under_shim(policy):
    """The words that start a program under the shim with this policy.

    An emulator would have to start what an emulated command starts: there the variables alone do.
    """
    if processes.EMULATOR:
        return ["env", f"LD_PRELOAD={LIBRARY}", f"PINSHIM_CONFIG={policy}"]
    return [PINSHIM, "run", "--config", policy, "--"]


def preloaded(folder, policy):
    """The environment of a program that has the library preloaded, without the command's help."""
    return {**environment(folder, LIBRARY), "PINSHIM_CONFIG": str(policy)}


def command_environment(**changes):
    """The environment of the command itself: no policy named, and no preload."""
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PINSHIM_CONFIG", "LD_PRELOAD", "NO_COLOR")
    }
    env["ASAN_OPTIONS"] = "verify_asan_link_order=0:detect_leaks=0"
    env.update({name: str(value) for name, value in changes.items()})
    return env


def run(arguments, env, **options):
    """Runs a copy of the command, or what starts it, to its end."""
    options.setdefault("stdout", subprocess.PIPE)
    done = subprocess.run(
        processes.emulated(arguments),
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        timeout=processes.TIMEOUT,
        env=env,
        check=False,
        **options,
    )
    processes.assert_clean(done.stderr, arguments[0])
    return done


def pinshim(*arguments, env=None, **options):
    """Runs the command to its end, which may be a signal's. Options are subprocess.run's."""
    return run([PINSHIM, *arguments], env or command_environment(), **options)


def on_terminal(*arguments, stream="stderr", **changes):
    """What the command writes to a terminal that is one of its streams."""
    ours, theirs = pty.openpty()
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: theirs}
    with subprocess.Popen(
        [PINSHIM, *map(str, arguments)],
        env=command_environment(**{"TERM": "xterm", **changes}),
        **streams,
    ) as process:
        os.close(theirs)
        text = b""
        try:
            while chunk := os.read(ours, 4096):
                text += chunk
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        process.wait(processes.TIMEOUT)
    return text.decode()


def with_installed(folder, *arguments, **changes):
    """Runs the command where `folder` stands for /var/lib, in a mount namespace of its own."""
    script = 'mount --bind "$0" /var/lib && exec "$@"'
    result = run(
        ["unshare", "-m", "sh", "-c", script, folder, PINSHIM, *arguments],
        command_environment(**changes),
    )
    if "mount:" in result.stderr or "unshare:" in result.stderr:
        pytest.skip("no mount namespaces here")
    return result


def become(words):
    """What runs a program as another user, by these words of setpriv; skips where that user can't
    reach the product."""
    words = ["setpriv", *words]
    reach = [*words, "test", "-r", str(LIBRARY), "-a", "-x", str(CLIENTS / "kit")]
    if subprocess.run(reach, check=False).returncode != 0:
        pytest.skip("another user can't reach the build folder")
    return words
