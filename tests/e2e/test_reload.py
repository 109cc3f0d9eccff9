"""A policy replaced while a program runs: taken up at once, or left alone where it is damaged."""

import attacker
import clients
import pki
import policies
import processes
import product
import pytest

REFUSED = "CERTIFICATE_VERIFY_FAILED"


def replace(path, data):
    """As `pinshim compile` and every careful editor do it."""
    new = path.with_suffix(".new")
    new.write_bytes(data)
    new.rename(path)


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
def image(policy, folder):
    """The same, compiled."""
    return compiled(policy, folder)


def compiled(policy, folder):
    """A policy's image, beside it."""
    path = policy.path.with_suffix(".cdb")
    done = processes.run(
        [product.PINSHIM, "compile", "-o", path, policy.path], env=product.environment(folder)
    )
    assert done.status == 0, done
    return path


@pytest.mark.parametrize("kind", ("text", "image"))
def test_replaced_policy_is_taken_up(certificates, folder, server, policy, image, kind):
    path = policy.path if kind == "text" else image
    other = policies.pinning(folder / "other", certificates.genuine.pin, name=pki.UNPINNED)
    before, after = (
        path.read_bytes(),
        (other.path if kind == "text" else compiled(other, folder)).read_bytes(),
    )
    with clients.OnRequest(folder, certificates, server.port, path) as client:
        assert client.connect() == REFUSED
        replace(path, after)
        client.connect_until(lambda outcome: outcome == "connected")
        replace(path, before)
        client.connect_until(lambda outcome: outcome == REFUSED)
        received = server.received()
        assert client.connect() == REFUSED
        assert server.received() == received


@pytest.mark.parametrize("kind", ("text", "image"))
def test_damaged_replacement_leaves_the_old_policy_in_force(
    certificates, folder, server, policy, image, kind
):
    path = policy.path if kind == "text" else image
    with clients.OnRequest(folder, certificates, server.port, path) as client:
        assert client.connect() == REFUSED
        replace(path, path.read_bytes()[:-20])

        def refused_and_told(outcome):
            assert outcome == REFUSED
            return "policy-rejected" in policy.own_events()

        client.connect_until(refused_and_told)
        assert client.connect() == REFUSED
    assert server.received() == b""
    assert {event["verdict"] for event in policy.events()} == {"pin-mismatch"}
