"""Events go to the machine's agent where it listens, and else to the policy's file."""

import contextlib
import json
import os
import socket

import namespaces
import pki
import policies
import pytest
import scripted_agents

pytestmark = namespaces.needed


@pytest.fixture
def machine(pinned_machine):
    """Pins the genuine server's key."""
    return pinned_machine


@contextlib.contextmanager
def listening(folder):
    """A socket for events."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(folder / "events.sock"))
        made.settimeout(scripted_agents.TIMEOUT)
        yield made


def test_agent_gets_each_event_once(machine, run_folder, certificates):
    with listening(run_folder) as agent:
        assert machine.outcome(certificates.attacker) == "refused"
        event = json.loads(agent.recv(8192))
        assert set(event) == policies.EVENT_FIELDS
        assert (event["event"], event["host"]) == ("untrusted-connection", pki.PINNED)
        agent.setblocking(False)
        with pytest.raises(BlockingIOError):
            agent.recv(1)
    assert machine.policy.lines() == []


def test_file_gets_what_nobody_listens_for(machine, run_folder, certificates):
    with listening(run_folder):
        pass  # and leaves the socket
    assert machine.outcome(certificates.attacker) == "refused"
    assert machine.policy.event()["verdict"] == "pin-mismatch"


def test_file_gets_what_a_full_queue_does_not(machine, run_folder, certificates):
    with listening(run_folder) as agent:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
            other.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    other.sendto(b"{}", agent.getsockname())
        assert machine.outcome(certificates.attacker) == "refused"
    assert machine.policy.event()["verdict"] == "pin-mismatch"


def test_socket_in_a_folder_of_somebody_else_gets_nothing(machine, run_folder, certificates):
    os.chown(run_folder, 65534, 65534)
    with listening(run_folder) as agent:
        assert machine.outcome(certificates.attacker) == "refused"
        agent.setblocking(False)
        with pytest.raises(BlockingIOError):
            agent.recv(1)
    assert machine.policy.event()["verdict"] == "pin-mismatch"


def test_events_of_a_named_policy_are_not_the_agent_s(machine, run_folder, certificates, folder):
    lax = policies.pinning(folder / "l", certificates.genuine.pin, text="allow_override = true;")
    named = policies.pinning(folder / "named", certificates.genuine.pin)
    machine.install(lax)
    with listening(run_folder) as agent:
        assert machine.outcome(certificates.attacker, "preload", named=named) == "refused"
        agent.setblocking(False)
        with pytest.raises(BlockingIOError):
            agent.recv(1)
    assert named.event()["verdict"] == "pin-mismatch"
