"""What threads of a program share in the library, under ThreadSanitizer, while the policy changes."""

import contextlib
import pathlib
import select
import subprocess

import busy
import pki
import processes
import product
import pytest
import replacing
from counting_server import Server


def _is_instrumented():
    words = ["readelf", "-d", product.LIBRARY]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return "libtsan" in done.stdout


pytestmark = pytest.mark.skipif(
    not _is_instrumented(), reason="for a build with ThreadSanitizer: make tsan"
)

SUPPRESSIONS = pathlib.Path(__file__).with_name("tsan.supp")
# The first report ends the program, with a status of its own. A child of threads connects, too: a thread of its parent's
# that had ended and wasn't yet joined would be told there as leaked.
OPTIONS = (
    "die_after_fork=0:halt_on_error=1:exitcode=66:report_thread_leaks=0"
    f":suppressions={SUPPRESSIONS}"
)
CONNECTIONS = 300
PATIENCE = 120  # seconds


@pytest.fixture
def policy(folder, certificates):
    """Replaced again and again. An image: a program under ThreadSanitizer can't load the compiler,
    for that has a namespace's worth of its own symbols (RTLD_DEEPBIND)."""
    with replacing.policy(folder, certificates, "image") as made:
        yield made


def test_threads_that_fork_meanwhile(folder, certificates, policy):
    environment = {"TSAN_OPTIONS": OPTIONS}
    ran = busy.all_three(folder, certificates, policy.path, "fork", 10, environment=environment)
    assert all(said["children"] > 0 for said in ran)


@contextlib.contextmanager
def _program(folder, certificates, policy, ports):
    """64 threads by OpenSSL, GnuTLS and NSS."""
    env = {**product.preloaded(folder, policy.path), "TSAN_OPTIONS": OPTIONS}
    words = [product.CLIENTS / "soak", pki.PINNED, pki.UNPINNED, *ports, certificates.bundle]
    with subprocess.Popen(
        [str(word) for word in words],
        env=env,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _said(line):
    return {key: int(value) for key, value in (word.split("=") for word in line.split())}


def _ask_until_done(process):
    for _ in range(PATIENCE * 2):
        process.stdin.write("?\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, process.stderr.read()
        if _said(line)["connected"] >= CONNECTIONS:
            return
        select.select([], [], [], 0.5)
    raise AssertionError(f"after {PATIENCE} s: {line}")


def test_three_libraries_in_many_threads(folder, certificates, policy):
    identities = (certificates.genuine, certificates.attacker, certificates.attacker)
    servers = [Server(identity) for identity in identities]
    with _program(folder, certificates, policy, [server.port for server in servers]) as process:
        _ask_until_done(process)
        out, err = process.communicate(timeout=processes.TIMEOUT)
    assert (process.returncode, err) == (0, "")
    said = _said(out)
    assert said["wrong"] == 0 and said["refused"] > 0, said
    genuine, attacker, unpinned = (server.received for server in servers)
    assert attacker == 0 and genuine > 0 and unpinned > 0
    for server in servers:
        server.shutdown()
        server.server_close()
