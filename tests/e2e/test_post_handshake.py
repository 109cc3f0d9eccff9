"""A server that asks for the client's certificate once the handshake is over (RFC 8446, 4.6.2)."""

import ssl

import attacker
import kit
import policies
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

every_verification = pytest.mark.parametrize("verify", ("none", "peer", "instead", "store"))
every_driver = pytest.mark.parametrize(
    "drive", ("connect", "nonblocking", "write_ex", "bio_chain", "memory_connect")
)


class Asking:
    """Asks each client after its first line, and keeps what it was shown."""

    def __init__(self, certificates, identity):
        self._identity = identity
        self._bundle = certificates.bundle
        self.shown = []

    def _configure(self, context):
        context.load_verify_locations(self._bundle)
        context.verify_mode = ssl.CERT_REQUIRED
        context.post_handshake_auth = True

    def _answer(self, stream):
        stream.read()
        before = stream.client_certificate
        stream.ask_for_certificate()
        stream.write(b"250 ok\n")
        stream.read()
        self.shown.append((before, stream.client_certificate))
        stream.write(b"250 ok\n")
        attacker.answer_lines(stream)

    def server(self):
        """Serves as attacker.Server does."""
        return attacker.Server(self._identity, self._answer, configure=self._configure)


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


@pytest.fixture
def settings(certificates):
    """Of a client that has a certificate, and exchanges two lines."""
    own = certificates.root.issue(("client.test",))
    own_der = own.certificate.public_bytes(Encoding.DER)
    return own_der, {"certificate": own.chain_file, "key": own.key_file, "tls": "1.3"}


def driven(drive):
    """The kit's options and settings for this one, and for a second line after the first."""
    if drive == "nonblocking":
        return ("--update-keys", "--nonblocking"), {}
    return ("--update-keys",), {"drive": drive}


@every_verification
@every_driver
def test_certificate_of_the_client(client_kit, certificates, policy, settings, verify, drive):
    """As without the shim: it comes when it is asked for, and the connection goes on."""
    own, more = settings
    options, by_driver = driven(drive)
    lines = []
    for under in (None, policy):
        asking = Asking(certificates, certificates.genuine)
        with asking.server() as server:
            run = client_kit(
                server.port, *options, policy=under, verify=verify, **more, **by_driver
            )
            assert run.status == 0, run
            assert attacker.leaked(server.finish()) == 2 * b"secret.1\n"
        assert asking.shown == [(None, own)]
        lines.append(run.line.text)
    assert lines[0] == lines[1]
    assert policy.events() == []


@every_verification
@every_driver
def test_man_in_the_middle_who_asks(client_kit, certificates, policy, settings, verify, drive):
    own, more = settings
    options, by_driver = driven(drive)
    asking = Asking(certificates, certificates.attacker)
    with asking.server() as server:
        run = client_kit(server.port, *options, verify=verify, **more, **by_driver)
        assert run.status == 0 and asking.shown == [(None, own)], run
        assert attacker.leaked(server.finish()) == 2 * b"secret.1\n"
    asking = Asking(certificates, certificates.attacker)
    with asking.server() as server:
        run = client_kit(server.port, *options, policy=policy, verify=verify, **more, **by_driver)
        connections = server.finish()
    assert run.line.refused_by_shim and asking.shown == [], run
    assert attacker.leaked(connections) == b""
    assert connections[0].alert == attacker.BAD_CERTIFICATE
    assert policy.event()["verdict"] == "pin-mismatch"
