"""A policy replaced while a program runs: taken up at once, or left alone where it is damaged."""

import datetime
import itertools
import os
import time

import attacker
import clients
import kit
import pki
import policies
import product
import pytest

REFUSED = "CERTIFICATE_VERIFY_FAILED"


@pytest.fixture
def server(certificates):
    """The man in the middle, for as many connections as it takes."""
    with attacker.Server(certificates.attacker) as counting:
        yield counting


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


@pytest.fixture
def image(policy):
    """The same, compiled."""
    return policies.image_of(policy)


@pytest.mark.parametrize("kind", ("text", "image"))
def test_replaced_policy_is_taken_up(certificates, folder, server, policy, image, kind):
    path = policy.path if kind == "text" else image
    other = policies.pinning(folder / "other", certificates.genuine.pin, name=pki.UNPINNED)
    before, after = (
        path.read_bytes(),
        (other.path if kind == "text" else policies.image_of(other)).read_bytes(),
    )
    with clients.OnRequest(folder, certificates, server.port, path) as client:
        assert client.connect() == REFUSED
        policies.replace(path, after)
        client.connect_until(lambda outcome: outcome == "connected")
        policies.replace(path, before)
        client.connect_until(lambda outcome: outcome == REFUSED)
        received = server.received()
        assert client.connect() == REFUSED
        assert server.received() == received


@pytest.mark.parametrize("keep", (0, 100, 4096), ids=("nothing", "less", "a-page"))
@pytest.mark.parametrize("before", (False, True), ids=("alone", "with-the-one-before"))
def test_image_that_is_written_over_in_place(certificates, folder, server, keep, before):
    """As `cp` does it: a mapped file that loses its end must not end the program."""
    pins = [certificates.genuine.pin]
    crowd = [policies.entry(f"host-{i}.crowd.test", pins=pins) for i in range(100)]
    policy = policies.write(folder, policies.entry(pki.PINNED, pins=pins), *crowd)
    image = policies.image_of(policy)
    data = image.read_bytes()
    assert len(data) > 4096
    if before:
        image.with_name(image.name + "~").write_bytes(data)
    with clients.OnRequest(folder, certificates, server.port, image) as client:
        assert client.connect() == REFUSED
        os.truncate(image, keep)
        assert client.connect() == REFUSED
        image.write_bytes(data)
        client.connect_until(lambda outcome: policy.own_events()[-1:] == ["policy-loaded"])
        assert client.connect() == REFUSED
    assert server.received() == b""
    verdicts = [event["verdict"] for event in policy.events()]
    assert verdicts[0] == verdicts[-1] == "pin-mismatch"
    # Of a policy that can't be read, it isn't known where its events go.
    assert set(verdicts) == {"pin-mismatch"}
    assert ("policy-rejected" in policy.own_events()) == before


@pytest.mark.parametrize("kind", ("text", "image"))
def test_damaged_replacement_leaves_the_old_policy_in_force(
    certificates, folder, server, policy, image, kind
):
    path = policy.path if kind == "text" else image
    with clients.OnRequest(folder, certificates, server.port, path) as client:
        assert client.connect() == REFUSED
        policies.replace(path, path.read_bytes()[:-20])

        def refused_and_told(outcome):
            assert outcome == REFUSED
            return "policy-rejected" in policy.own_events()

        client.connect_until(refused_and_told)
        assert client.connect() == REFUSED
    assert server.received() == b""
    assert {event["verdict"] for event in policy.events()} == {"pin-mismatch"}


FLIPS = 200
# Seconds: the file is looked at once in each, when a handshake begins or is judged.
PATIENCE = 10 if product.sanitizers() else 3
SNI, VERIFIED = "portal.maas360.test", pki.PINNED


class Flipping:
    """Two policies that refuse a server for different reasons, and one that lets it be.

    What it shows satisfies one of the client's two names under either: were the first judged by the
    old policy and the second by the new, it would be let in. There is time for that between the two:
    the pin is an authority's, to which the program builds no path, so that the shim has to.
    """

    REASONS = {"a": VERIFIED, "b": SNI}

    def __init__(self, folder, certificates, kind):
        self._bad = certificates.stranger_root.pin
        good, bad = certificates.root.pin, self._bad
        trust = [certificates.root.certificate_file]
        self.path = folder / "policy"
        self._names, self._contents = {}, {}
        for name, pins in {"a": (good, bad), "b": (bad, good), "open": (good, good)}.items():
            entries = [policies.entry(h, pins=[p]) for h, p in zip((SNI, VERIFIED), pins)]
            self.policy = policies.write(
                folder / name, *entries, trust=trust, events_file=folder / "events.jsonl"
            )
            image = policies.image_of(self.policy)
            self._names[policies.version_of(image)] = name
            self._contents[name] = (self.policy.path if kind == "text" else image).read_bytes()
        self.put("a")

    def put(self, name):
        """Puts a policy where the client's is."""
        policies.replace(self.path, self._contents[name])

    def judges(self):
        """Which policy refused each connection: all that is told of it belongs to that one."""
        found = []
        for event in self.policy.events():
            name = self._names[event["policy_version"]]
            assert (event["event"], event["verdict"]) == ("untrusted-connection", "pin-mismatch")
            assert event["host"] == event["rule"] == self.REASONS[name], event
            assert event["expected_pins"] == [self._bad], event
            found.append(name)
        return found

    def loaded(self):
        """Which policies were taken up."""
        events = self.policy.about_itself()
        assert {event["event"] for event in events} <= {"policy-loaded"}
        return [self._names[event["policy_version"]] for event in events]


def flip(load, flipping):
    """The two in turn, until both have been in force; none lets the server in, nor do both together."""
    for number in itertools.count(1):
        flipping.put("b" if number % 2 else "a")
        if number % 5 == 0:  # either may be the one that is there meanwhile
            assert not load.next().connected
        if number >= FLIPS and number % 20 == 0 and {*flipping.loaded()} == {"a", "b"}:
            return


def settle(load, flipping, name, connected):
    """The last policy is soon in force. Then each other thread may end what it began before."""
    before = time.time()
    flipping.put(name)
    while load.next().connected != connected:  # most of them have waited to be read
        pass
    rest = [load.next() for _ in range(load.THREADS + 4)]
    late = [line for line in rest if line.connected != connected]
    assert len(late) < load.THREADS
    loaded = datetime.datetime.fromisoformat(flipping.policy.about_itself()[-1]["time"])
    assert loaded.timestamp() - before <= PATIENCE


def secret(line):
    """What this connection has to send."""
    return b"secret.%d\n" % int(line["connection"])


@pytest.mark.parametrize("kind", ("text", "image"))
def test_policy_that_is_replaced_under_load(client_kit, certificates, folder, kind):
    """Each handshake is judged by one policy, and by the last one in the end."""
    flipping = Flipping(folder, certificates, kind)
    settings = {"policy": flipping.path, "sni": SNI, "verify_name": VERIFIED, "verify": "instead"}
    alone = certificates.root.issue()  # the fewest paths to try
    with attacker.Server(alone, attacker.answer_lines) as server:
        with kit.Load(client_kit, server.port, **settings) as load:
            flip(load, flipping)
            settle(load, flipping, "open", True)
            settle(load, flipping, "b", False)
            lines = load.finish()
        connections = server.finish()
    refused = [line for line in lines if not line.connected]
    assert all(line.refused_by_shim for line in refused)
    assert len(flipping.judges()) == len(refused)
    assert {*flipping.judges()} == {"a", "b"} and flipping.loaded()[-2:] == ["open", "b"]
    received = {connection.received for connection in connections if connection.received}
    answered = {secret(line) for line in lines if int(line["received"]) > 0}
    assert answered and answered <= received <= {secret(line) for line in lines if line.connected}
