"""curl has pins of its own (--pinnedpubkey). Beside ours, a server must satisfy both."""

import attacker
import pki
import policies
import processes
import product
import pytest

SECRET = "the-secret"


def _curl(certificates, folder, identity, own_pin, policy):
    """One request: how curl ended, and every application byte that the server got."""
    with attacker.Server(identity) as server:
        words = [
            *("curl", "--silent", "--show-error", "--max-time", "20"),
            *("--cacert", certificates.bundle, "--pinnedpubkey", own_pin, "--data", SECRET),
            *("--resolve", f"{pki.PINNED}:{server.port}:127.0.0.1"),
            f"https://{pki.PINNED}:{server.port}/",
        ]
        env = processes.plain_environment(folder)
        if policy:
            words = [*product.under_shim(policy.path), *words]
            env = product.environment(folder)
        done = processes.run(words, env=env)
        return done, attacker.leaked(server.finish())


@pytest.mark.parametrize(
    "curl_s, ours, status, events",
    (
        ("genuine", "genuine", 0, 0),
        ("attacker", "genuine", 90, 0),
        ("genuine", "attacker", 60, 1),
        ("attacker", "attacker", 60, 1),
    ),
)
def test_both_pins_must_be_satisfied(certificates, folder, curl_s, ours, status, events):
    """The server is the genuine one; each of the two pins is its key or another."""
    pins = {"genuine": certificates.genuine.pin, "attacker": certificates.attacker.pin}
    policy = policies.pinning(folder, pins[ours])
    done, received = _curl(certificates, folder, certificates.genuine, pins[curl_s], policy)
    assert done.status == status, done
    assert (SECRET.encode() in received) == (status == 0) and bool(received) == (status == 0)
    assert len(policy.events()) == events


def test_curl_s_pin_is_no_excuse(certificates, folder):
    """A user who pinned the man in the middle."""
    own_pin = certificates.attacker.pin
    done, received = _curl(certificates, folder, certificates.attacker, own_pin, None)
    assert done.status == 0 and SECRET.encode() in received, done
    policy = policies.pinning(folder, certificates.genuine.pin)
    done, received = _curl(certificates, folder, certificates.attacker, own_pin, policy)
    assert done.status == 60 and received == b"", done
    assert policy.event()["served_chain"] == certificates.attacker.pins
