"""macOS's library and its agent: what it asks, hears and tells, on streams, run on Linux by the tests' loader."""

import json

import kit
import machines
import macos_kit
import namespaces
import pki
import policies
import pytest
import scripted_agents
from scripted_agents import MacosAgent, MacosEvents

pytestmark = [
    namespaces.needed,
    pytest.mark.skipif(
        not (macos_kit.LOADER.exists() and macos_kit.LIBRARY.exists()),
        reason="make macos builds what this runs",
    ),
]

TAKEN = scripted_agents.answering(b"\n")


@pytest.fixture
def machine(folder, run_folder, certificates):
    """The genuine server's key is pinned, by an installed policy."""
    made = machines.Machine(folder, macos_kit.MacosKit(folder, certificates), run_folder)
    made.policy = policies.pinning(folder / "policy", certificates.genuine.pin)
    made.install(made.policy)
    return made


def outcome(machine, folder, certificates, identity):
    """What becomes of a connection by the client for macOS there."""
    return kit.outcome(
        macos_kit.MacosKit(folder, certificates),
        identity,
        None,
        prefix=machine.inside(),
        extra_environment={"DYLD_INSERT_LIBRARIES": str(macos_kit.LIBRARY)},
    )


def told(lines):
    """What events there were: each one's name, and what it says of the question."""
    events = [json.loads(line) for line in lines]
    return sorted((one["event"], one.get("detail")) for one in events)


def test_question_answer_and_events_are_packets(machine, folder, run_folder, certificates):
    with MacosAgent(run_folder, scripted_agents.answering(b"current\n")) as agent:
        with MacosEvents(run_folder, TAKEN) as events:
            ended = outcome(machine, folder, certificates, certificates.attacker)
            assert ended == "refused"
            assert agent.requests() == [f"refresh {pki.PINNED}\n"]
            lines = events.requests()
            assert outcome(machine, folder, certificates, certificates.genuine) == "connected"
            assert agent.requests() == [f"refresh {pki.PINNED}\n"]
    assert all(line.endswith("}\n") and line.count("\n") == 1 for line in lines)
    names = [name for name, _ in told(lines)]
    assert ("refresh", "current") in told(lines) and "untrusted-connection" in names
    assert machine.policy.lines() == []  # the agent has them


@pytest.mark.parametrize("answer", (b"current", b"current\ncurrent\n", b"installed\0\n", b""))
def test_answer_that_is_no_packet_is_none(machine, folder, run_folder, certificates, answer):
    with MacosAgent(run_folder, scripted_agents.answering(answer)):
        with MacosEvents(run_folder, TAKEN) as events:
            assert outcome(machine, folder, certificates, certificates.attacker) == "refused"
            assert ("refresh", "no answer") in told(events.requests())


BEHAVIOURS = {
    "closes": lambda asked: asked.read(),
    "says-else": scripted_agents.answering(b"x\n"),
    "hangs": lambda asked: (asked.read(), asked.wait()),
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_event_that_is_not_taken_is_written(machine, folder, run_folder, certificates, behaviour):
    with MacosEvents(run_folder, BEHAVIOURS[behaviour]) as events:
        assert outcome(machine, folder, certificates, certificates.attacker) == "refused"
        sent = events.requests()
    written = [json.dumps(line) for line in machine.policy.lines()]
    assert told(written) == told(sent) and "untrusted-connection" in dict(told(sent))
