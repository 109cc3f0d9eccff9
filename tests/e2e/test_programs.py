"""Real programs, real servers: the right one, and the man in the middle they would trust."""

import datetime
import os
import uuid

import attacker
import clients
import pki
import policies
import pytest
import servers

every_version = pytest.mark.parametrize("tls", ("1.2", "1.3"))
every_client = pytest.mark.parametrize("client", clients.CLIENTS, ids=lambda client: client.name)
some_clients = pytest.mark.parametrize(
    "client",
    [
        clients.BY_NAME[name]
        for name in (
            "curl",
            "curl-insecure",
            "python-ssl",
            "python-asyncio-unverified",
            "s_client",
            "perl",
        )
    ],
    ids=lambda client: client.name,
)
BODY = attacker.BODY.decode()


class Scene:
    """A client, the secret it has, and what became of it."""

    def __init__(self, certificates, folder, client, tls):
        self.certificates, self.folder, self.client, self.tls = certificates, folder, client, tls
        self.secret = f"secret-{uuid.uuid4().hex}"

    def connect(self, port, policy=None, host=pki.PINNED, preload=False):
        """One run of the client."""
        request = clients.Request(host, port, self.certificates.bundle, self.secret, self.tls)
        return self.client.run(request, self.folder, policy, preload)

    def assert_connects(self, port, policy=None, **more):
        """The server's answer is there, and all is well."""
        done = self.connect(port, policy, **more)
        assert done.status == 0 and BODY in done.stdout, done

    def attack(self, policy=None, identity=None, **more):
        """One run against the counting server; what the client did, and what the server got."""
        with attacker.Server(identity or self.certificates.attacker) as server:
            done = self.connect(server.port, policy, **more)
            return done, server.finish()

    def assert_leaks(self, policy=None, **more):
        """The man in the middle has the secret."""
        done, connections = self.attack(policy, **more)
        assert done.status == 0 and BODY in done.stdout, done
        assert self.secret.encode() in attacker.leaked(connections)

    def assert_terminated(self, policy, **more):
        """An ordinary certificate failure, alert 42, not one byte."""
        done, connections = self.attack(policy, **more)
        self.assert_nothing_leaked(done, connections)
        assert self.client.failed_as_usual(done), done

    def assert_nothing_leaked(self, done, connections):
        """One connection, and its handshake was ended by the client."""
        assert len(connections) == 1 and not connections[0].handshake, done
        assert attacker.leaked(connections) == b""
        assert BODY not in done.output
        if self.client.alert:
            assert connections[0].alert == attacker.BAD_CERTIFICATE, done


@pytest.fixture
def scene(certificates, folder, client, tls):
    """The parameters of a test, put together."""
    return Scene(certificates, folder, client, tls)


@every_client
@every_version
def test_genuine_leaf_is_pinned(scene, genuine, certificates, folder):
    policy = policies.pinning(folder, certificates.genuine.pin)
    scene.assert_connects(genuine.port)
    scene.assert_connects(genuine.port, policy)
    assert policy.events() == []


@every_client
@every_version
@pytest.mark.parametrize("above", ("intermediate", "root"))
def test_genuine_authority_is_pinned(scene, genuine, certificates, folder, above):
    """The program's own verified path, or else one of the shim's to the configured roots."""
    policy = policies.pinning(
        folder, getattr(certificates, above).pin, trust=[certificates.root.certificate_file]
    )
    scene.assert_connects(genuine.port, policy)
    assert policy.events() == []


@every_version
@pytest.mark.parametrize(
    "client", [c for c in clients.CLIENTS if c.verifies], ids=lambda client: client.name
)
def test_program_s_verified_path_is_enough(scene, genuine, certificates, folder):
    policy = policies.pinning(folder, certificates.root.pin)
    scene.assert_connects(genuine.port, policy)


@every_version
@pytest.mark.parametrize(
    "client",
    [
        clients.BY_NAME[name]
        for name in ("python-ssl-unverified", "curl-insecure", "perl-unverified")
    ],
    ids=lambda client: client.name,
)
@pytest.mark.parametrize("above", ("intermediate", "root"))
def test_authority_that_nobody_verified_is_no_proof(scene, certificates, folder, above):
    """The attacker sends the pinned certificate along; it has signed nothing of his."""
    pinned = getattr(certificates, above)
    policy = policies.pinning(folder, pinned.pin, trust=[certificates.root.certificate_file])
    forged = certificates.attacker.serving(
        certificates.attacker_root.certificate, pinned.certificate
    )
    scene.assert_leaks(identity=forged)
    scene.assert_terminated(policy, identity=forged)
    assert policy.event()["verdict"] == "pin-unverified"
    assert policy.event()["served_chain"] == forged.pins


@every_client
@every_version
def test_man_in_the_middle_is_ended_in_the_handshake(scene, certificates, folder):
    policy = policies.pinning(folder, certificates.genuine.pin)
    scene.assert_leaks()
    began = datetime.datetime.utcnow().replace(microsecond=0)
    with attacker.Server(certificates.attacker) as server:
        done = scene.connect(server.port, policy)
        connections = server.finish()
    assert scene.client.failed_as_usual(done), done
    scene.assert_nothing_leaked(done, connections)
    event = policy.event()
    at = datetime.datetime.strptime(event.pop("time")[:19], "%Y-%m-%dT%H:%M:%S")
    assert began <= at <= datetime.datetime.utcnow()
    assert event.pop("pid") > 0
    assert event.pop("policy_version")
    assert event == {
        "event": "untrusted-connection",
        "verdict": "pin-mismatch",
        "host": pki.PINNED,
        "port": server.port,
        "service": "cloud",
        "rule": pki.PINNED,
        "uid": os.getuid(),
        "library": "openssl",
        "app": scene.client.app or scene.client.name.split("-")[0],
        "expected_pins": [certificates.genuine.pin],
        "served_chain": certificates.attacker.pins,
        "verified_chain": event["verified_chain"],
    }


@every_version
@some_clients
def test_preload_alone_does_it(scene, genuine, certificates, folder):
    policy = policies.pinning(folder, certificates.genuine.pin)
    scene.assert_connects(genuine.port, policy, preload=True)
    scene.assert_terminated(policy, preload=True)


@every_client
@every_version
def test_proxy_with_a_root_in_a_persona_may_inspect(scene, certificates, folder):
    policy = policies.pinning(
        folder,
        certificates.genuine.pin,
        personas=[policies.inspection_persona(certificates.attacker_root)],
    )
    scene.assert_leaks(policy)
    event = policy.event()
    assert (event["event"], event["verdict"]) == ("proxy-used", "proxy-match")
    assert event["verified_chain"][-1] == certificates.attacker_root.pin


@every_version
@some_clients
@pytest.mark.parametrize(
    "wrong", ("other-root", "expired", "other-name", "root-appended", "not-a-ca")
)
def test_proxy_exemption_is_no_wider_than_its_root(scene, certificates, folder, wrong):
    root = certificates.attacker_root
    not_a_ca = root.issue(("proxy.example.test",))
    allowed = {"other-root": certificates.stranger_root, "not-a-ca": not_a_ca}.get(wrong, root)
    identity = {
        "expired": root.issue(valid=(-2 * pki.DAY, -pki.DAY)),
        "other-name": root.issue(("elsewhere.example.test",)),
        "root-appended": certificates.stranger_root.issue().serving(root.certificate),
        "not-a-ca": not_a_ca.issue(),
    }.get(wrong, certificates.attacker)
    policy = policies.pinning(
        folder, certificates.genuine.pin, personas=[policies.inspection_persona(allowed)]
    )
    done, connections = scene.attack(policy, identity)
    assert done.status == scene.client.status, done
    scene.assert_nothing_leaked(done, connections)
    assert policy.event()["event"] == "untrusted-connection"


@every_client
@every_version
def test_unpinned_host_is_left_alone(scene, genuine, certificates, folder):
    policy = policies.pinning(folder, certificates.genuine.pin)
    scene.assert_connects(genuine.port, policy, host=pki.UNPINNED)
    scene.assert_leaks(policy, host=pki.UNPINNED)
    assert policy.events() == []


@every_version
@some_clients
def test_report_only_lets_it_happen(scene, certificates, folder):
    policy = policies.pinning(folder, certificates.genuine.pin, action="report")
    scene.assert_leaks(policy)
    event = policy.event()
    assert (event["event"], event["verdict"]) == ("would-terminate", "pin-mismatch")


def _names(pin):
    """Entries of every kind: with subdomains, a wildcard, an exception."""
    return [
        policies.entry("maas360.test", include_subdomains=True, pins=[pin]),
        policies.entry("*.cdn.maas360.test", pins=[pin]),
        policies.entry("status.maas360.test", pinned=False),
    ]


@every_version
@some_clients
@pytest.mark.parametrize(
    "host, rule",
    (
        ("maas360.test", "maas360.test"),
        ("portal.maas360.test", "maas360.test"),
        ("eu.portal.maas360.test", "maas360.test"),
        ("img.cdn.maas360.test", "*.cdn.maas360.test"),
    ),
)
def test_names_that_an_entry_covers(scene, genuine, certificates, folder, host, rule):
    policy = policies.write(folder, *_names(certificates.genuine.pin))
    scene.assert_connects(genuine.port, policy, host=host)
    scene.assert_leaks(host=host, identity=certificates.attacker)
    scene.assert_terminated(policy, host=host)
    assert (policy.event()["host"], policy.event()["rule"]) == (host, rule)


@every_version
@some_clients
@pytest.mark.parametrize("host", ("status.maas360.test", "www.example.test", "localhost"))
def test_names_that_no_entry_pins(scene, certificates, folder, host):
    policy = policies.write(folder, *_names(certificates.genuine.pin))
    scene.assert_leaks(policy, host=host)
    assert policy.events() == []


@every_version
@pytest.mark.parametrize(
    "client", [c for c in clients.CLIENTS if not c.stdin], ids=lambda client: client.name
)
def test_mitmproxy(scene, certificates, folder, genuine, mitmproxy):
    policy = policies.pinning(folder, certificates.genuine.pin)
    mitmproxy.forget()
    scene.assert_connects(mitmproxy.port)
    assert scene.secret in servers.stolen(mitmproxy.since_last())
    done = scene.connect(mitmproxy.port, policy)
    assert scene.client.failed_as_usual(done), done
    told = mitmproxy.since_last()
    assert servers.stolen(told) == ""
    assert [item["mitm"] for item in told] == ["connected", "refused", "disconnected"]
    assert not scene.client.alert or "does not trust the proxy's certificate" in told[1]["error"]
    scene.assert_connects(genuine.port, policy)


@every_version
@pytest.mark.parametrize(
    "client",
    [clients.BY_NAME[name] for name in ("curl", "curl-http2", "python-urllib")],
    ids=lambda client: client.name,
)
def test_mitmproxy_with_its_root_in_a_persona(scene, certificates, folder, mitmproxy):
    policy = policies.pinning(
        folder,
        certificates.genuine.pin,
        personas=[policies.inspection_persona(certificates.attacker_root)],
    )
    mitmproxy.forget()
    scene.assert_connects(mitmproxy.port, policy)
    assert scene.secret in servers.stolen(mitmproxy.since_last())
    assert policy.event()["event"] == "proxy-used"
