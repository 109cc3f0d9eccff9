"""Tunnels through a proxy: the origin within is pinned, or the proxy is."""

import dataclasses
import uuid

import attacker
import clients
import connect_proxy
import pki
import policies
import processes
import product
import pytest

PROXY = "portal.maas360.test"
BODY = attacker.BODY.decode()
both_proxies = pytest.mark.parametrize("tls", (False, True), ids=("http", "https"))


def _curl(r, scheme, secret_for_proxy):
    return [
        *("curl", "--silent", "--show-error", "--max-time", "20", "--cacert", r.bundle),
        *("--proxy-cacert", r.bundle, "--resolve", f"{PROXY}:{r.port}:127.0.0.1"),
        *("--proxy", f"{scheme}://{PROXY}:{r.port}"),
        *("--proxy-header", f"X-Token: {secret_for_proxy}"),
        *("--data", r.secret, f"https://{r.host}/"),
    ]


@dataclasses.dataclass(frozen=True)
class Journey:
    """What became of a request by way of a proxy."""

    done: processes.Finished
    proxy: list  # the proxy's connections
    origin: list  # the origin's
    proxy_port: int

    def assert_delivered(self, secret):
        """The origin's server has the secret, whoever it is."""
        assert self.done.status == 0 and BODY in self.done.stdout, self.done
        assert secret.encode() in attacker.leaked(self.origin)


@dataclasses.dataclass(frozen=True)
class Traveller:
    """curl with two secrets, one for the proxy and one for the origin."""

    certificates: pki.Pki
    folder: object
    tls: bool
    secret: str = dataclasses.field(default_factory=lambda: f"secret-{uuid.uuid4().hex}")
    token: str = dataclasses.field(default_factory=lambda: f"token-{uuid.uuid4().hex}")

    def _words(self, port, python):
        request = clients.Request(pki.PINNED, port, self.certificates.bundle, self.secret, "1.3")
        if python:
            return clients.python_words(request, "tunnel", python)
        return _curl(request, "https" if self.tls else "http", self.token)

    def travel(self, origin, policy=None, proxy=None, python=None):
        """One request to an origin with this identity, the proxy's being the genuine one. `python`:
        by python, and what it does of verification."""
        proxy = proxy or self.certificates.genuine
        with attacker.Server(origin) as server:
            with connect_proxy.proxy_to(server.port, proxy, tls=self.tls) as relay:
                words = self._words(relay.port, python)
                env = processes.plain_environment(self.folder)
                if policy:
                    words = [*product.under_shim(policy.path), *words]
                    env = product.environment(self.folder)
                done = processes.run(words, env=env)
                return Journey(done, relay.finish(), server.finish(), relay.port)


@pytest.fixture
def traveller(certificates, folder, tls):
    """For a proxy by TLS, or by plain TCP."""
    return Traveller(certificates, folder, tls)


def _assert_event(policy, host, journey, app):
    """Of a tunnelled connection, the process knows but the proxy's port."""
    event = policy.event()
    assert (event["event"], event["verdict"]) == ("untrusted-connection", "pin-mismatch")
    assert (event["host"], event["port"]) == (host, journey.proxy_port)
    assert event["app"] == app


@both_proxies
def test_pinned_origin_in_a_tunnel(traveller, certificates, folder):
    policy = policies.pinning(folder, certificates.genuine.pin)
    traveller.travel(certificates.attacker).assert_delivered(traveller.secret)
    traveller.travel(certificates.genuine, policy).assert_delivered(traveller.secret)
    assert policy.events() == []
    journey = traveller.travel(certificates.attacker, policy)
    # What curl says of any bad certificate. Behind an HTTPS proxy its TLS to that clears the reason.
    ordinary = traveller.travel(certificates.stranger_root.issue()).done
    assert journey.done.status == ordinary.status == (35 if traveller.tls else 60), journey.done
    assert attacker.leaked(journey.origin) == b""
    assert [c.alert for c in journey.origin] == [attacker.BAD_CERTIFICATE]
    _assert_event(policy, pki.PINNED, journey, "curl")


@both_proxies
def test_unpinned_origin_in_a_tunnel(traveller, certificates, folder):
    policy = policies.pinning(folder, certificates.genuine.pin, name=pki.UNPINNED)
    traveller.travel(certificates.attacker, policy).assert_delivered(traveller.secret)
    assert policy.events() == []


@pytest.mark.parametrize("tls", (True,), ids=("https",))
@pytest.mark.parametrize("origin_too", (False, True), ids=("proxy", "proxy-and-origin"))
def test_pinned_proxy(traveller, certificates, folder, origin_too):
    """What is meant for the proxy doesn't reach another one; the origin hears of nothing."""
    names = (PROXY, pki.PINNED) if origin_too else (PROXY,)
    entries = [policies.entry(name, pins=[certificates.genuine.pin]) for name in names]
    policy = policies.write(folder, *entries)
    journey = traveller.travel(certificates.genuine, proxy=certificates.attacker)
    journey.assert_delivered(traveller.secret)
    assert traveller.token.encode() in attacker.leaked(journey.proxy)
    traveller.travel(certificates.genuine, policy).assert_delivered(traveller.secret)
    assert policy.events() == []
    journey = traveller.travel(certificates.genuine, policy, proxy=certificates.attacker)
    assert journey.done.status == 60 and "SSL certificate problem" in journey.done.stderr
    assert attacker.leaked(journey.proxy) == b"" and journey.origin == []
    assert [c.alert for c in journey.proxy] == [attacker.BAD_CERTIFICATE]
    _assert_event(policy, PROXY, journey, "curl")


@pytest.mark.parametrize("tls", (False,), ids=("http",))
@pytest.mark.parametrize("python", ("required", "none"))
def test_pinned_origin_in_python_s_tunnel(traveller, certificates, folder, python):
    policy = policies.pinning(folder, certificates.genuine.pin)
    traveller.travel(certificates.attacker, python=python).assert_delivered(traveller.secret)
    journey = traveller.travel(certificates.genuine, policy, python=python)
    journey.assert_delivered(traveller.secret)
    assert policy.events() == []
    journey = traveller.travel(certificates.attacker, policy, python=python)
    assert journey.done.status == 1 and "CERTIFICATE_VERIFY_FAILED" in journey.done.stderr
    assert attacker.leaked(journey.origin) == b""
    assert [c.alert for c in journey.origin] == [attacker.BAD_CERTIFICATE]
    _assert_event(policy, pki.PINNED, journey, "python3")
