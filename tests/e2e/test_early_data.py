"""Early data leaves before the server has proven anything: it waits, unless a session has."""

import kit
import pki
import policies
import pytest


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


def test_early_data_waits_for_the_proof(client_kit, certificates, policy, folder):
    """A session with early data, minted under an unpinned name by the man in the middle."""
    names = {
        "sni": pki.UNPINNED,
        "verify_name": pki.UNPINNED,
        "then_sni": pki.UNPINNED,
        "then_verify_name": pki.PINNED,
    }
    settings = {
        "tls": "1.3",
        "drive": "early_data",
        "count": 2,
        "resume": "memory",
        "verify": "none",
        **names,
    }
    with kit.server(folder, certificates.attacker, "--early-data") as server:
        run = client_kit(server.port, **settings)
        assert run.status == 0 and run.lines[1]["early"] == "accepted", run
        assert int(server.connections(2)[1]["early"]) == len("secret.2\n")
    with kit.server(folder, certificates.attacker, "--early-data") as server:
        run = client_kit(server.port, policy=policy, **settings)
        second = server.connections(2)[1]
    assert run.lines[1].refused_by_shim, run
    assert (second["early"], second["bytes"]) == ("0", "0")
    assert second["reason"] == "sslv3_alert_bad_certificate"


def test_early_data_on_an_imported_session_is_sent_again(client_kit, certificates, policy, folder):
    """The genuine server gets it, after the handshake, once."""
    with kit.server(folder, certificates.genuine, "--early-data") as server:
        run = client_kit(
            server.port, policy=policy, tls="1.3", drive="early_data", count=2, resume="imported"
        )
        second = server.connections(2)[1]
    assert run.status == 0 and run.lines[1]["early"] != "accepted", run
    assert (second["early"], second["data"]) == ("0", "secret.2_")


@pytest.mark.parametrize("pinned", ("genuine", "root"))
def test_early_data_to_a_proven_host(client_kit, certificates, folder, pinned):
    """Also where the leaf of the session alone proves nothing."""
    policy = policies.pinning(folder, getattr(certificates, pinned).pin)
    with kit.server(folder, certificates.genuine, "--early-data") as server:
        run = client_kit(
            server.port, policy=policy, tls="1.3", drive="early_data", count=2, resume="memory"
        )
        second = server.connections(2)[1]
    assert run.status == 0 and run.lines[1]["early"] == "accepted", run
    assert (second["early"], second["data"]) == ("9", "secret.2_")
    assert policy.events() == []


@pytest.mark.parametrize("nonblocking", ((), ("--nonblocking",)), ids=("blocking", "nonblocking"))
def test_early_data_of_an_unpinned_host_is_untouched(
    client_kit, certificates, policy, folder, nonblocking
):
    settings = {
        "tls": "1.3",
        "drive": "early_data",
        "count": 2,
        "resume": "memory",
        "sni": pki.UNPINNED,
        "verify_name": pki.UNPINNED,
    }
    seen = []
    for under in (None, policy):
        with kit.server(folder, certificates.attacker, "--early-data") as server:
            run = client_kit(server.port, *nonblocking, policy=under, **settings)
            seen.append((run.finished.stdout, [line.text for line in server.connections(2)]))
    assert seen[0] == seen[1]
    assert "early=accepted" in seen[0][0]
