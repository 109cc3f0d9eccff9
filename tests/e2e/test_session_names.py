"""A session of TLS 1.2 keeps the name that it was made for: no name that a later handshake sends."""

import attacker
import pki
import policies
import pytest

ADDRESS = "127.0.0.1"
SETTINGS = {"tls": "1.2", "count": 2, "verify": "none", "verify_name": None}


def _serving(identity, **settings):
    """A session's client learns its name from a server that acknowledges it."""

    def acknowledge(context):
        context.sni_callback = lambda *_: None

    return attacker.Server(identity, attacker.answer_lines, configure=acknowledge, **settings)


@pytest.mark.parametrize("tickets", (True, False), ids=("ticket", "session-id"))
@pytest.mark.parametrize("resume", ("memory", "imported", "dup", "copy"))
def test_session_s_name_hides_no_pinned_address(client_kit, certificates, folder, resume, tickets):
    policy = policies.write(folder, policies.entry(ADDRESS, pins=[certificates.genuine.pin]))
    names = {"sni": pki.UNPINNED, "then_sni": "", "resume": resume}
    for under, received in ((None, [b"secret.1\n", b"secret.2\n"]), (policy, [b"secret.1\n", b""])):
        with _serving(certificates.attacker, tickets=tickets) as server:
            run = client_kit(server.port, policy=under, **names, **SETTINGS)
            assert [c.received for c in server.finish()] == received, run
    assert run.lines[1].refused_by_shim, run
    assert policy.event()["host"] == ADDRESS


def test_session_s_name_makes_no_server_pinned(client_kit, certificates, folder):
    policy = policies.pinning(folder, certificates.genuine.pin)
    foreign = certificates.attacker_root.issue(("foreign.test",))
    with _serving(certificates.genuine) as server, _serving(foreign) as other:
        settings = {"then_port": other.port, "then_sni": "", "resume": "memory"}
        run = client_kit(server.port, policy=policy, **settings, **SETTINGS)
        assert run.status == 0, run
        assert attacker.leaked(other.finish()) == b"secret.2\n"
    assert policy.events() == []


def test_session_of_a_pinned_name_serves_an_unpinned_one(client_kit, certificates, folder):
    """What is sent counts before the session's name, and before the address."""
    policy = policies.write(
        folder,
        policies.entry(pki.PINNED, pins=[certificates.genuine.pin]),
        policies.entry(ADDRESS, pins=[certificates.attacker.pin]),
    )
    settings = {"then_sni": pki.UNPINNED, "resume": "memory"}
    with _serving(certificates.genuine) as server:
        run = client_kit(server.port, policy=policy, **settings, **SETTINGS)
        assert run.status == 0 and run.lines[1]["reused"] == "1", run
    assert policy.events() == []
