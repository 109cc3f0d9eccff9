"""Real programs of many protocols, TLS from the start or midway: each before the right server, and
before one whose certificate is for the right name and from an authority that the program trusts."""

import dataclasses
import ssl
import uuid

import attacker
import clients
import gnutls_clients
import mail_clients
import nss_clients
import pki
import plugin_clients
import policies
import product
import pytest
import service_clients
import web_clients

CLIENTS = (
    mail_clients.CLIENTS
    + service_clients.CLIENTS
    + web_clients.CLIENTS
    + gnutls_clients.CLIENTS
    + nss_clients.CLIENTS
    + plugin_clients.CLIENTS
)
every_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)


def _at_most_1_2(context):
    context.maximum_version = ssl.TLSVersion.TLSv1_2


@dataclasses.dataclass(frozen=True)
class Meeting:
    """A client with a secret, and servers for it."""

    client: clients.Client
    certificates: pki.Pki
    folder: object
    secret: str = dataclasses.field(default_factory=lambda: f"secret-{uuid.uuid4().hex}")

    @property
    def genuine(self):
        """The right server's certificate: the pinned key, for this host."""
        key = self.certificates.genuine.key
        return self.certificates.intermediate.issue((self.client.host,), key=key)

    @property
    def attacker(self):
        """The man in the middle's."""
        return self.certificates.attacker_root.issue((self.client.host,))

    def pinning(self, name=None):
        """A policy that pins this host, or another."""
        return policies.pinning(
            self.folder, self.certificates.genuine.pin, name=name or self.client.host
        )

    def request(self, port):
        """What is asked of the client, of a server at this port."""
        bundle = self.certificates.bundle
        return clients.Request(self.client.host, port, bundle, self.secret, "1.3", self.folder)

    def run(self, identity, policy=None, **options):
        """One run: how the client ended, what the server saw, and at which port."""
        with self.client.dialogue.server(identity, **options) as server:
            done = self.client.run(self.request(server.port), self.folder, policy)
            connections = server.finish()
        assert self.secret.encode() not in b"".join(c.plain for c in connections), done
        return done, connections, server.port

    def assert_delivers(self, identity, policy=None):
        """The server has the secret, and the client is content."""
        done, connections, _ = self.run(identity, policy)
        assert done.status == self.client.good, done
        assert self.secret.encode() in attacker.leaked(connections), done

    def assert_terminated(self, policy, **options):
        """An ordinary failure within the handshake, and an event for it."""
        done, connections, port = self.run(self.attacker, policy, **options)
        assert self.client.failed_as_usual(done), done
        assert attacker.leaked(connections) == b"", done
        assert len(connections) == self.client.attempts, done
        assert not any(connection.handshake for connection in connections), done
        if self.client.alert:
            assert {c.alert for c in connections} == {self.client.refusal}, done
        events = policy.events()
        assert len(events) == self.client.attempts, events
        for event in events:
            assert (event["event"], event["verdict"]) == ("untrusted-connection", "pin-mismatch")
            assert (event["host"], event["port"]) == (self.client.host, port)
            assert (event["app"], event["library"]) == (
                self.client.event_app,
                self.client.library,
            )


def unavailable(client):
    """Why a client can't be had here; nothing where it can."""
    if client.name.startswith("nodejs") and not web_clients.needs_openssl(web_clients.NODE):
        return "/usr/bin/nodejs is not Debian's: it brings an OpenSSL of its own"
    if client.name.startswith("php-curl") and product.sanitizers():
        return "PHP loads its extensions by RTLD_DEEPBIND, which a sanitizer's runtime refuses"
    return ""


@pytest.fixture
def meeting(client, certificates, folder):
    """A client that can be had here."""
    if unavailable(client):
        pytest.skip(unavailable(client))
    return Meeting(client, certificates, folder)


@every_client
def test_right_server_is_reached(meeting):
    policy = meeting.pinning()
    meeting.assert_delivers(meeting.genuine, policy)
    assert policy.events() == []


@every_client
def test_man_in_the_middle_gets_nothing(meeting):
    """Without the shim he gets it all."""
    meeting.assert_delivers(meeting.attacker)
    meeting.assert_terminated(meeting.pinning())


@every_client
def test_man_in_the_middle_of_tls_1_2_gets_nothing(meeting):
    meeting.assert_terminated(meeting.pinning(), configure=_at_most_1_2)


@every_client
def test_host_that_is_not_pinned_is_left_alone(meeting):
    policy = meeting.pinning(pki.UNPINNED)
    meeting.assert_delivers(meeting.attacker, policy)
    assert policy.events() == []
