"""Which host a client thinks it talks to: names sent, names to be verified, their spelling."""

import attacker
import kit
import pki
import policies
import pytest

every_version = pytest.mark.parametrize("tls", ("1.2", "1.3"))


class Pair:
    """The same client, once against each server."""

    def __init__(self, client_kit, certificates):
        self._kit = client_kit
        self.genuine, self.attacker = certificates.genuine, certificates.attacker

    def _connect(self, identity, policy, *options, **settings):
        with attacker.Server(identity, attacker.answer_lines) as server:
            return self._kit(server.port, *options, policy=policy, **settings), server.finish()

    def assert_pinned(self, policy, *options, **settings):
        """The man in the middle is refused, but not without the shim; the genuine server isn't."""
        run, connections = self._connect(self.attacker, None, *options, **settings)
        assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run
        run, connections = self._connect(self.genuine, policy, *options, **settings)
        assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run
        assert policy.events() == []
        run, connections = self._connect(self.attacker, policy, *options, **settings)
        assert run.line.refused_by_shim, run
        assert attacker.leaked(connections) == b""
        assert connections[0].alert == attacker.BAD_CERTIFICATE

    def assert_unpinned(self, policy, *options, **settings):
        """The man in the middle gets what he would get without the shim."""
        runs = [
            self._connect(self.attacker, under, *options, **settings) for under in (None, policy)
        ]
        assert runs[0][0].finished.stdout == runs[1][0].finished.stdout
        assert runs[1][0].status == 0 and attacker.leaked(runs[1][1]) == b"secret.1\n", runs[1][0]
        assert policy.events() == []


@pytest.fixture
def pair(client_kit, certificates):
    """Both servers."""
    return Pair(client_kit, certificates)


@pytest.fixture
def policy(folder, certificates):
    """Entries of every kind."""
    pins = [certificates.genuine.pin]
    return policies.write(
        folder,
        policies.entry(pki.PINNED, pins=pins),
        policies.entry("maas360.test", include_subdomains=True, pins=pins),
        policies.entry("*.cdn.maas360.test", pins=pins),
        policies.entry("status.maas360.test", pinned=False),
        policies.entry("127.0.0.1", pins=pins),
        policies.entry("2001:db8::1", pins=pins),
    )


@every_version
@pytest.mark.parametrize("verify", ("none", "peer"))
@pytest.mark.parametrize(
    "sni, verify_name",
    (
        (pki.PINNED, None),
        (None, pki.PINNED),
        (pki.PINNED, pki.UNPINNED),
        (pki.UNPINNED, pki.PINNED),
    ),
)
def test_one_pinned_name_is_enough(pair, policy, sni, verify_name, verify, tls):
    pair.assert_pinned(policy, sni=sni, verify_name=verify_name, verify=verify, tls=tls)


@every_version
@pytest.mark.parametrize("verify", ("none", "peer"))
def test_name_that_is_set_while_the_handshake_is_under_way(pair, policy, verify, tls):
    """By memory BIOs: the call that writes the ClientHello returns before the answer is there."""
    pair.assert_pinned(
        policy,
        sni=None,
        first_name=pki.UNPINNED,
        late_names="wait",
        drive="memory_connect",
        verify=verify,
        tls=tls,
    )


@every_version
@pytest.mark.parametrize("driver", ("connect", "bio_write", "memory_connect"))
def test_name_that_is_set_in_an_info_callback(pair, policy, driver, tls):
    pair.assert_pinned(
        policy, late_names="start", info="context", drive=driver, verify="none", tls=tls
    )


@every_version
@pytest.mark.parametrize(
    "name",
    (
        "SERVICES.MAAS360.TEST",
        "services.maas360.test.",
        "Portal.maas360.test",
        "eu.portal.maas360.test",
        "IMG.cdn.maas360.test",
        "a.b.cdn.maas360.test",
    ),
)
@pytest.mark.parametrize("where", ("sni", "verify_name"))
def test_spellings_of_a_pinned_name(pair, policy, name, where, tls):
    names = {"sni": None, "verify_name": None, where: name}
    pair.assert_pinned(policy, verify="none", tls=tls, **names)


@every_version
@pytest.mark.parametrize(
    "name",
    (
        "evilmaas360.test",
        "maas360.test.example.test",
        "maas360",
        "test",
        "status.maas360.test",
        "xservices-maas360.test",
    ),
)
def test_names_that_only_look_pinned(pair, policy, name, tls):
    pair.assert_unpinned(policy, sni=name, verify_name=None, verify="none", tls=tls)


@every_version
@pytest.mark.parametrize("address", ("127.0.0.1", "2001:DB8:0::1"))
def test_address(pair, policy, address, tls, certificates):
    pair.genuine = certificates.intermediate.issue(
        ("127.0.0.1", "2001:db8::1"), key=certificates.genuine.key
    )
    pair.attacker = certificates.attacker_root.issue(("127.0.0.1", "2001:db8::1"))
    pair.assert_pinned(policy, sni=None, verify_name=address, tls=tls)


@every_version
@pytest.mark.parametrize("place", ("ssl", "store", "verification"))
def test_address_that_is_verified_beside_a_name(pair, policy, place, tls, certificates):
    names = (pki.UNPINNED, "127.0.0.1")
    pair.genuine = certificates.intermediate.issue(names, key=certificates.genuine.key)
    pair.attacker = certificates.attacker_root.issue(names)
    client = {"sni": pki.UNPINNED, "verify_name": names[1], "place": place, "tls": tls}
    pair.assert_pinned(policy, verify="instead-verifies", **client)


@every_version
def test_address_under_a_policy_that_has_none(pair, folder, tls, certificates):
    policy = policies.write(folder, policies.entry(pki.PINNED, pins=[certificates.genuine.pin]))
    names = {"sni": pki.UNPINNED, "verify_name": "127.0.0.1"}
    pair.assert_unpinned(policy, verify="none", tls=tls, **names)


# As many unpinned ones as are looked at, and one that is pinned.
TOO_MANY = ",".join([*(f"host{number}.test" for number in range(8)), pki.PINNED])


@every_version
@pytest.mark.parametrize("place", ("ssl", "last-in-verification"))
def test_more_names_than_are_looked_at_are_refused(client_kit, certificates, policy, place, tls):
    names = {"sni": None, "verify_name": TOO_MANY, "place": place, "tls": tls}
    for under, outcome in ((None, "connected"), (policy, "refused")):
        verify = {"verify": "instead-overrides", **names}
        assert kit.outcome(client_kit, certificates.attacker, under, **verify) == outcome


@every_version
def test_every_pinned_name_must_be_satisfied(client_kit, certificates, folder, tls):
    """Sent: one name; verified: another. The certificate is pinned for the first only."""
    other = policies.entry("portal.maas360.test", pins=[certificates.attacker.pin])
    policy = policies.write(
        folder, policies.entry(pki.PINNED, pins=[certificates.genuine.pin]), other
    )
    with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
        assert client_kit(server.port, policy=policy, verify_name=None, tls=tls).status == 0
        assert client_kit(server.port, policy=policy, tls=tls).status == 0
        run = client_kit(server.port, policy=policy, verify_name="portal.maas360.test", tls=tls)
        assert run.line.refused_by_shim, run
        assert attacker.leaked(server.finish()) == b"secret.1\n" * 2
    assert policy.event()["host"] == "portal.maas360.test"


@every_version
def test_name_of_16_kilobytes(pair, policy, tls):
    """No host name is that long; beside a pinned name it changes nothing."""
    pair.assert_pinned(policy, verify_name="x" * 16384, verify="none", tls=tls)
