"""What is NSS's alone: names that come late, sessions in its cache, libraries that are met at once."""

import re

import attacker
import kit
import nss_kit
import pki
import policies
import product
import pytest


@pytest.fixture
def client(certificates, folder):
    """Runs the C client."""
    return nss_kit.Kit(folder, certificates)


@pytest.fixture
def policy(certificates, folder):
    """The genuine leaf is pinned."""
    return policies.pinning(folder, certificates.genuine.pin)


def _meet(client, identity, *options, **settings):
    """One run, and what the server saw."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        run = client(server.port, *options, **settings)
        return run, server.finish()


LATE = {"first_name": pki.UNPINNED, "verify": "later"}


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
@pytest.mark.parametrize("options", ((), ("--layer",), ("--nonblocking",)), ids=str)
@pytest.mark.parametrize("drive", ("transmit", "force-transmit"))
def test_file_that_is_transmitted(client, certificates, policy, tls, options, drive):
    """As the first call on the socket; and for a name that comes once the handshake is done."""
    late = {**LATE, "late_names": "after"} if drive == "force-transmit" else {"verify": "none"}
    settings = {"drive": drive, "tls": tls, **late}
    for identity, shim in (
        (certificates.attacker, None),
        (certificates.genuine, None),
        (certificates.genuine, policy),
    ):
        run, connections = _meet(client, identity, *options, policy=shim, **settings)
        assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run
    run, connections = _meet(client, certificates.attacker, *options, policy=policy, **settings)
    assert run.status == 1 and run.line["error"] == "SEC_ERROR_UNTRUSTED_CERT", run
    assert attacker.leaked(connections) == b""


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
@pytest.mark.parametrize("moment", ("wait", "after"))
def test_name_that_comes_after_the_certificate(client, certificates, policy, moment, tls):
    """While the program's verdict is awaited, or once the handshake is done: it is judged by what
    the server has shown."""
    settings = {**LATE, "late_names": moment, "tls": tls}
    for shim in (None, policy):
        run, connections = _meet(client, certificates.genuine, policy=shim, **settings)
        assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run
    run, connections = _meet(client, certificates.attacker, **settings)
    assert attacker.leaked(connections) == b"secret.1\n", run
    run, connections = _meet(client, certificates.attacker, policy=policy, **settings)
    assert run.status == 1 and run.line["error"] == "SEC_ERROR_UNTRUSTED_CERT", run
    assert attacker.leaked(connections) == b""


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
def test_sessions_in_the_library_s_cache(client, certificates, policy, tls):
    """A pinned host's are never resumed; any other's are, as without the shim."""
    twice = {"count": 2, "tls": tls, "verify": "none"}

    def resumed(name, shim):
        run, connections = _meet(
            client, certificates.genuine, "--cache", policy=shim, sni=name, then_sni=name, **twice
        )
        assert run.status == 0, run
        assert [connection.reused for connection in connections] == [
            line["resumed"] == "1" for line in run.lines
        ]
        return [line["resumed"] for line in run.lines]

    assert resumed(pki.UNPINNED, policy) == resumed(pki.UNPINNED, None) == ["0", "1"]
    assert resumed(pki.PINNED, None) == ["0", "1"]
    assert resumed(pki.PINNED, policy) == ["0", "0"]
    assert policy.events() == []


@pytest.mark.parametrize("verify", ("none", "later", "override"))
def test_peer_without_a_name_is_known_by_its_leaf(client, certificates, folder, verify):
    """Nobody is named: whom the client means shows in the certificate."""
    policy = policies.pinning(folder, certificates.attacker_root.pin)
    settings = {"sni": None, "verify_name": None, "verify": verify}
    run, connections = _meet(client, certificates.genuine, policy=policy, **settings)
    assert run.line.refused_by_shim and attacker.leaked(connections) == b"", run
    run, connections = _meet(client, certificates.genuine, **settings)
    assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run


def test_handshake_that_fails_for_want_of_a_shared_key_is_told_of(client, folder, policy):
    key = "000102030405060708090a0b0c0d0e0f"
    settings = {"psk": key, "verify": "none"}
    with kit.server(folder, psk=key) as server:
        assert client(server.port, "--cache", **settings).status == 0
    with kit.server(folder, psk=key) as server:
        run = client(server.port, "--cache", policy=policy, **settings)
        assert run.line.failed_ordinarily and server.leaked(1) == 0, run
    assert policy.event()["verdict"] == "no-certificate"


def test_client_by_its_reset_is_one_whatever_its_options_say(client, certificates, folder, policy):
    """Who takes either side of a connection may decide by SSL_ResetHandshake alone."""
    words, key = ("--reset", "--server-option"), "000102030405060708090a0b0c0d0e0f"
    settings = {"verify": "none", "psk": key}
    with kit.server(folder, psk=key) as server:
        assert client(server.port, *words, "--cache", **settings).status == 0
    with kit.server(folder, psk=key) as server:
        run = client(server.port, *words, "--cache", policy=policy, **settings)
        assert run.line.failed_ordinarily and server.leaked(1) == 0, run
    settings = {"verify": "none"}
    run, connections = _meet(client, certificates.attacker, *words, policy=policy, **settings)
    assert run.line.refused_by_shim and attacker.leaked(connections) == b"", run
    for shim in (None, policy):
        run, connections = _meet(client, certificates.genuine, *words, policy=shim, **settings)
        assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run


def test_threads_that_meet_the_library_at_once(client, certificates, policy):
    """Each first socket finds out what the library is."""
    for shim in (None, policy):
        run, connections = _meet(
            client, certificates.attacker, policy=shim, threads=16, verify="none"
        )
        assert len(run.lines) == 16
        if not shim:
            assert attacker.leaked(connections) == 16 * b"secret.1\n"
    assert attacker.leaked(connections) == b""
    assert all(line.refused_by_shim for line in run.lines), run


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
def test_import_that_is_found_by_dlsym(client, certificates, policy, tls):
    settings = {"verify": "none", "tls": tls}
    run, connections = _meet(client, certificates.attacker, "--by-dlsym", **settings)
    assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run
    run, connections = _meet(client, certificates.attacker, "--by-dlsym", policy=policy, **settings)
    assert run.line.refused_by_shim and attacker.leaked(connections) == b"", run
    run, connections = _meet(client, certificates.genuine, "--by-dlsym", policy=policy, **settings)
    assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run


WARM, MANY = 50, 150
HEAP = re.compile(r"^connection=(\d+) heap=(\d+)$", re.MULTILINE)
# Bytes that a thread keeps for its next ones count as the program's, and their number is chance.
NOTHING_KEPT = {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}


@pytest.mark.parametrize(
    ("options", "most"),
    (((), 16), (("--hold",), 256)),
    ids=("in-a-row", "at-once"),
)
@pytest.mark.parametrize("name", (pki.PINNED, pki.UNPINNED))
def test_memory_of_a_socket(client, certificates, policy, options, most, name):
    """In the program's own count of its bytes: few while it is open, and none once it is closed."""
    if product.sanitizers():
        pytest.skip("the sanitizer's heap has no such count")
    names = {"sni": name, "then_sni": name, "verify": "none"}

    def growth(shim):
        words = ("--heap", *options)
        settings = {"count": MANY, "extra_environment": NOTHING_KEPT, **names}
        run, _ = _meet(client, certificates.genuine, *words, policy=shim, **settings)
        assert run.status == 0, run.status
        heap = {int(n): int(h) for n, h in HEAP.findall(run.finished.stdout)}
        return heap[MANY] - heap[WARM]

    without, under = growth(None), growth(policy)
    print(without, under)
    assert under - without <= most * (MANY - WARM), (without, under)
