"""GnuTLS: what needs no certificate, and a handshake after the first with another one."""

import gnutls_kit
import kit
import policies
import pytest


@pytest.fixture
def client(certificates, folder):
    """Runs the C client."""
    return gnutls_kit.Kit(folder, certificates)


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


_SECRETS = {
    "psk-1.2": ({"psk": kit.PSK}, {"psk": kit.PSK}, "1.2"),
    "psk-1.3": (
        {"psk": kit.PSK},
        {"psk": kit.PSK, "ciphersuites": "TLS_AES_128_GCM_SHA256"},
        "1.3",
    ),
    "srp": ({"srp": "password"}, {"srp": "password", "ciphers": "aSRP"}, "1.2"),
    "anonymous": ({}, {}, "1.2"),
}


@pytest.mark.parametrize("secret", _SECRETS)
@pytest.mark.parametrize("options", ((), ("--ignore-errors", "--attach-again")))
@pytest.mark.parametrize("credentials", ((), ("--no-credentials",)))
def test_without_a_certificate(client, policy, folder, secret, options, credentials):
    """As if the two had nothing in common: the library's error, and its alert."""
    client_settings, server_settings, tls = _SECRETS[secret]
    options = (*options, *credentials, *(("--anonymous",) if secret == "anonymous" else ()))
    settings = {"tls": tls, "verify": "none", **client_settings}
    with kit.server(folder, **server_settings) as server:
        run = client(server.port, *options, **settings)
        assert run.status == 0 and server.leaked(1) > 0, run
        run = client(server.port, *options, **settings, **gnutls_kit.UNNAMED, policy=policy)
        assert run.status == 0, run
        run = client(server.port, *options, policy=policy, **settings)
        refused = server.connections(3)[2]
    assert run.status == 1 and run.line.failed_ordinarily and run.line["served"] == "0", run
    assert (refused["bytes"], refused["handshake"]) == ("0", "failed")
    assert policy.event()["verdict"] == "no-certificate"


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
def test_secret_beside_a_certificate(client, certificates, policy, folder, tls):
    """A genuine server that takes either is reached, by its certificate."""
    suites = {"ciphersuites": "TLS_AES_128_GCM_SHA256"}
    with kit.server(folder, certificates.genuine, psk=kit.PSK, **suites) as server:
        without = client(server.port, psk=kit.PSK, tls=tls, verify="none")
        assert without.status == 0, without
        run = client(server.port, policy=policy, psk=kit.PSK, tls=tls)
        assert run.status == 0 and int(run.line["served"]) > 0, run
    assert policy.events() == []


def test_false_start_and_then_another_certificate(client, certificates, policy, folder):
    """The end of a handshake with a false start comes with the first read, in several calls."""
    options = ("--renegotiate", "--nonblocking")
    settings = {"tls": "1.2", "verify": "none", "drive": "false_start"}
    with kit.server(folder, certificates.genuine, then=certificates.attacker) as server:
        run = client(server.port, *options, **settings)
        assert run.status == 0 and server.leaked(1) == 2 * len("secret.1\n"), run
        run = client(server.port, *options, policy=policy, **settings)
        refused = server.connections(2)[1]
    assert run.status == 1 and refused["data"] == "secret.1_", run


@gnutls_kit.every_verification
def test_renegotiation_with_another_certificate(client, certificates, policy, folder, verify):
    """TLS 1.2, and a client that allows it."""
    if verify == "session-connects":
        pytest.skip("its other connection renegotiates, too")
    both = {"then": certificates.attacker}
    options = ("--renegotiate",)
    with kit.server(folder, certificates.genuine, **both) as server:
        run = client(server.port, *options, tls="1.2", verify=verify)
        assert run.status == 0 and server.leaked(1) == 2 * len("secret.1\n"), run
        run = client(server.port, *options, policy=policy, tls="1.2", verify=verify)
        refused = server.connections(2)[1]
    assert run.status == 1 and run.line["error"] == "-348", run
    assert refused["data"] == "secret.1_"
    with kit.server(folder, certificates.genuine, then=certificates.genuine) as server:
        run = client(server.port, *options, policy=policy, tls="1.2", verify=verify)
        assert run.status == 0 and server.leaked(1) == 2 * len("secret.1\n"), run
