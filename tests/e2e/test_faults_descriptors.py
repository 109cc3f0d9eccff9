"""Every descriptor is used up: before a handshake, when a policy is replaced, when the program starts."""

import contextlib
import subprocess
import time

import attacker
import faults
import pki
import policies
import processes
import product
import pytest


class Crowded:
    """The client that connects when it is told to, with or without a descriptor to spare."""

    def __init__(self, folder, certificates, policy, port, name=pki.PINNED, env=None):
        self._process = subprocess.Popen(
            [product.CLIENTS / "crowded", str(port), certificates.bundle, name],
            env=env or product.preloaded(folder, policy),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def connect(self, state="full"):
        """ "connected" or "refused"."""
        self._process.stdin.write(state + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def connect_until(self, outcome, state, timeout=10):
        """Connects until this is the outcome."""
        end = time.monotonic() + timeout
        while self.connect(state) != outcome:
            assert time.monotonic() < end, f"not {outcome} within {timeout} s"

    def close(self):
        """It ends by itself once nothing more is asked of it."""
        try:
            _, stderr = self._process.communicate(timeout=processes.STOP_TIMEOUT)
        finally:
            self._process.kill()
        processes.assert_clean(stderr, "crowded")
        assert self._process.returncode == 0


@pytest.fixture
def crowded(folder, certificates):
    """Starts one."""
    with contextlib.ExitStack() as stack:

        def start(*arguments, **settings):
            return stack.enter_context(
                contextlib.closing(Crowded(folder, certificates, *arguments, **settings))
            )

        yield start


@pytest.fixture(params=("text", "image"))
def policy(folder, certificates, request):
    """Pins the genuine leaf."""
    made = policies.pinning(folder, certificates.genuine.pin)
    return policies.image_of(made) if request.param == "image" else made.path


def test_none_left_before_the_handshake(crowded, certificates, policy):
    with attacker.Server(certificates.attacker, attacker.answer_lines) as bad:
        assert crowded(policy, bad.port).connect() == "refused"
        assert attacker.leaked(bad.finish()) == b""
    for identity, name in (
        (certificates.genuine, pki.PINNED),
        (certificates.attacker, pki.UNPINNED),
    ):
        with attacker.Server(identity, attacker.answer_lines) as server:
            assert crowded(policy, server.port, name).connect() == "connected"
            assert attacker.leaked(server.finish()) == b"secret.1\n"


def test_an_authority_s_pin_is_met_by_the_program_s_own_path(crowded, folder, certificates):
    policy = policies.pinning(folder, certificates.root.pin)
    with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
        assert crowded(policy.path, server.port).connect() == "connected"


def test_replacement_that_met_full_descriptors_is_taken_up_later(
    crowded, folder, certificates, policy
):
    """A policy that lets the server be, put there while it can't be opened; then the old one again."""
    other = policies.pinning(folder / "other", certificates.genuine.pin, name=pki.UNPINNED)
    after = (policies.image_of(other) if policy.suffix == ".cdb" else other.path).read_bytes()
    events = folder / "events.jsonl"
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        client = crowded(policy, server.port)
        assert client.connect("free") == "refused"
        policies.replace(policy, after)
        end = time.monotonic() + 2.5  # more than one look at the file
        while time.monotonic() < end:
            assert client.connect("full") == "refused"
        assert server.received() == b""
        client.connect_until("connected", "free")
        assert events.read_text().count("untrusted-connection") >= 1


def test_start_without_a_descriptor_is_made_good(crowded, folder, certificates, policy):
    """Nothing can be opened when the library is loaded, and the first handshake finds it can."""
    for identity, name, outcome in (
        (certificates.attacker, pki.PINNED, "refused"),
        (certificates.genuine, pki.PINNED, "connected"),
        (certificates.attacker, pki.UNPINNED, "connected"),
    ):
        variables = faults.Faults(folder, "syscall", error=24).variables(policy, 1)
        env = {**product.environment(folder), **variables}
        with attacker.Server(identity, attacker.answer_lines) as server:
            client = crowded(policy, server.port, name, env=env)
            assert client.connect("free") == outcome
            assert (attacker.leaked(server.finish()) == b"") == (outcome == "refused")


def test_start_without_a_descriptor_refuses_while_there_is_none(
    crowded, folder, certificates, policy
):
    """Even the policy is unknown then: the man in the middle isn't let in by that."""
    faulty = faults.Faults(folder, "syscall", error=24, sticks=True)
    env = {**product.environment(folder), **faulty.variables(policy, 1)}
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        assert crowded(policy, server.port, env=env).connect("free") == "refused"
        assert attacker.leaked(server.finish()) == b""
