"""Handshakes in which no certificate is shown: pre-shared keys and anonymous suites."""

import kit
import pki
import policies
import pytest


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


def assert_told(policy):
    """Once: the program's own error says no more than that the peers didn't come together."""
    event = policy.event()
    assert (event["event"], event["verdict"]) == ("untrusted-connection", "no-certificate")
    assert event["host"] == pki.PINNED and event["served_chain"] == []


@pytest.mark.parametrize("regardless", ((), ("--ignore-errors",)), ids=("", "regardless"))
@pytest.mark.parametrize("driver", ("connect", "write", "bio_write", "memory_write"))
@pytest.mark.parametrize("tls", ("1.2", "1.3"))
def test_psk_shows_no_certificate(client_kit, policy, folder, tls, driver, regardless):
    settings = {"psk": kit.PSK, "tls": tls, "drive": driver}
    with kit.server(folder, psk=kit.PSK) as server:
        run = client_kit(server.port, **settings)
        assert run.status == 0 and run.line["served"] == "0", run
        assert server.leaked(1) == len("secret.1\n")
        run = client_kit(server.port, *regardless, policy=policy, **settings)
        assert run.status == 1 and not run.line.connected, run
        assert server.connections(2)[1]["bytes"] == "0"
        assert server.connections(2)[1]["handshake"] == "failed"
    assert_told(policy)


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
def test_psk_beside_a_certificate(client_kit, certificates, policy, folder, tls):
    """A genuine server that takes either is reached, by its certificate."""
    with kit.server(folder, certificates.genuine, psk=kit.PSK) as server:
        run = client_kit(server.port, policy=policy, psk=kit.PSK, tls=tls)
        assert run.status == 0 and int(run.line["served"]) > 0, run
        assert server.leaked(1) == len("secret.1\n")
    assert policy.events() == []


@pytest.mark.parametrize("regardless", ((), ("--ignore-errors",)), ids=("", "regardless"))
@pytest.mark.parametrize("driver", ("connect", "write", "bio_write", "memory_write"))
def test_anonymous_suite_shows_no_certificate(client_kit, policy, folder, driver, regardless):
    settings = {"tls": "1.2", "drive": driver}
    with kit.server(folder) as server:
        run = client_kit(server.port, "--anonymous", **settings)
        assert run.status == 0 and run.line["served"] == "0", run
        assert server.leaked(1) == len("secret.1\n")
        run = client_kit(server.port, "--anonymous", *regardless, policy=policy, **settings)
        assert run.status == 1 and not run.line.connected, run
        assert server.connections(2)[1]["bytes"] == "0"
        assert server.connections(2)[1]["handshake"] == "failed"
    assert_told(policy)


def test_anonymous_suites_beside_a_certificate(client_kit, certificates, policy, folder):
    with kit.server(folder, certificates.genuine) as server:
        run = client_kit(server.port, "--anonymous", policy=policy, tls="1.2")
        assert run.status == 0 and int(run.line["served"]) > 0, run


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
def test_psk_of_an_unpinned_host_is_untouched(client_kit, policy, folder, tls):
    seen = []
    for under in (None, policy):
        with kit.server(folder, psk=kit.PSK) as server:
            run = client_kit(
                server.port, policy=under, psk=kit.PSK, tls=tls, sni=pki.UNPINNED, verify_name=None
            )
            assert run.status == 0, run
            seen.append((run.finished.stdout, server.connections(1)[0].text))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("life", (("--first-again",), ("--first-again", "--own-security")), ids=str)
@pytest.mark.parametrize("resume", ("copy", "memory"))
def test_anonymous_suites_refused_on_one_of_two_ssls_that_share_their_settings(
    client_kit, certificates, policy, folder, life, resume
):
    """SSL_copy_session_id shares all that SSL_set_security_callback sets; the first is used again."""
    names = {"sni": pki.UNPINNED, "verify_name": None, "then_sni": pki.PINNED}
    settings = {"tls": "1.2", "count": 3, "resume": resume, **names}
    with kit.server(folder, certificates.genuine, ciphers="DEFAULT") as server:
        run = client_kit(server.port, "--anonymous", *life, policy=policy, **settings)
        assert run.status == 0 and len(run.lines) == 3, run
    with kit.server(folder) as server:
        assert client_kit(server.port, "--anonymous", *life, **settings).status == 0
        data = [line["data"] for line in server.connections(3)]
        assert sorted(data) == ["secret.1_", "secret.2_", "secret.3_"]
        run = client_kit(server.port, "--anonymous", *life, policy=policy, **settings)
        assert run.status == 1, run
        data = [line["data"] for line in server.connections(6)[3:]]
        assert sorted(data) == ["", "", "secret.1_"]
