"""A second handshake on the same connection (TLS 1.2) brings a certificate of its own."""

import kit
import policies
import pytest

every_verification = pytest.mark.parametrize(
    "verify", ("none", "peer", "callback", "instead", "store")
)


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


@every_verification
@pytest.mark.parametrize("nonblocking", ((), ("--nonblocking",)), ids=("blocking", "nonblocking"))
def test_other_certificate_at_the_second_handshake(
    client_kit, certificates, policy, folder, verify, nonblocking
):
    settings = {"tls": "1.2", "verify": verify}
    with kit.server(folder, certificates.genuine, then=certificates.attacker) as server:
        run = client_kit(server.port, "--renegotiate", *nonblocking, **settings)
        assert run.status == 0, run
        assert server.leaked(1) == 2 * len("secret.1\n")
        run = client_kit(server.port, "--renegotiate", *nonblocking, policy=policy, **settings)
        second = server.connections(2)[1]
    assert run.status == 1, run
    assert (second["handshakes"], second["data"]) == ("2", "secret.1_")
    assert policy.event()["verdict"] == "pin-mismatch"


@every_verification
def test_same_certificate_at_the_second_handshake(client_kit, certificates, policy, folder, verify):
    with kit.server(folder, certificates.genuine, then=certificates.genuine) as server:
        run = client_kit(server.port, "--renegotiate", policy=policy, tls="1.2", verify=verify)
        assert run.status == 0, run
        assert server.leaked(1) == 2 * len("secret.1\n")
    assert policy.events() == []
