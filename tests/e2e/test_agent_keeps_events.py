"""pinshim-agent keeps the events that processes send it: all of them, up to a limit that it counts beyond."""

import json
import os
import signal
import socket

import agents
import attacker
import bundles
import clients
import kit
import namespaces
import policies
import processes
import product
import pytest

pytestmark = namespaces.needed

BURST = 10_000
LIMIT = 20_000  # of a burst
LINE = (
    b'{"time":"2026-11-23T10:15:00Z","event":"refresh",'
    b'"host":"%d.example","port":1,"pid":1,"uid":7}\n'
)


class Log:
    """The events file of the machine's policy, which the agent's user may write."""

    def __init__(self, machine):
        self.folder = machine.folder / "log"
        self.folder.mkdir()
        self.folder.chmod(0o777)
        self.path = self.folder / "events.jsonl"

    def lines(self):
        """In the order in which they were written."""
        older = [self.path.with_name(f"{self.path.name}.{n}") for n in range(4, 0, -1)]
        files = [path for path in (*older, self.path) if path.exists()]
        return [json.loads(line) for path in files for line in path.read_text().splitlines()]

    def count(self):
        """How many were kept, and how many were told to be dropped."""
        lines = self.lines()
        dropped = [line["count"] for line in lines if line["event"] == "dropped"]
        return len(lines) - len(dropped), sum(dropped)


@pytest.fixture
def machine(open_folder, certificates, tmp_path):
    """The genuine server's key is pinned there; the agent's own server can't be reached."""
    made = agents.Machine(open_folder, certificates)
    made.log = Log(made)
    made.configure(
        url="https://127.0.0.1:9/bundle",
        keys=bundles.new_key(tmp_path),
        entries=[
            policies.entry("pinned.example", service="custom", pins=[certificates.genuine.pin])
        ],
        text=f'events = {{ file = "{made.log.path}"; syslog = false; desktop = false; }};',
    )
    made.compile()
    return made


@pytest.fixture
def agent(machine):
    """It listens."""
    with machine.start() as started:
        started.wait_for_match("nothing fetched")
        yield started


def send(machine, packets):
    """From this process, which waits where the queue is full."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(processes.STOP_TIMEOUT)
        sender.connect(str(machine.run / "pinshim" / "events.sock"))
        count = 0
        for packet in packets:
            sender.send(packet)
            count += 1
    return count


def ended(agent):
    """The agent, by the service manager's word."""
    assert agent.end(signal.SIGTERM) == 0


def test_burst_below_the_limit_is_kept_whole(machine, agent):
    send(machine, (LINE % number for number in range(BURST)))
    ended(agent)
    lines = machine.log.lines()
    assert [line["host"] for line in lines] == [f"{number}.example" for number in range(BURST)]
    assert {(line["pid"], line["uid"]) for line in lines} == {(os.getpid(), os.getuid())}


def test_what_goes_beyond_the_limit_is_counted(machine, agent):
    sent = send(machine, (LINE % number for number in range(LIMIT + BURST)))
    ended(agent)
    kept, dropped = machine.log.count()
    assert kept + dropped == sent and kept >= LIMIT and dropped > 0


GARBAGE = [
    b"",
    b"{}",
    b"[" * 4000,
    b"x" * 4096,
    b"x" * 8000,
    LINE[:-2] % 1,
    b'{"time":"x","event":"dropped","count":5}',
    (LINE % 1).replace(b"port", b"porf"),
    b"\n",
    LINE % 1 + LINE % 2,
]


def test_what_is_no_event_is_counted(machine, agent):
    sent = send(machine, [*GARBAGE, LINE % 7])
    ended(agent)
    assert machine.log.count() == (1, sent - 1)
    assert machine.log.lines()[0]["host"] == "7.example"


FROM_MANY = """
import os, socket, sys
children = []
for uid in map(int, sys.argv[2:]):
    child = os.fork()
    if child == 0:
        os.setuid(uid)
        sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sender.connect(sys.argv[1])
        for number in range(1000):
            sender.send(b'{"time":"x","event":"refresh","host":"%d.example","uid":0}' % uid)
        os._exit(0)
    children.append(child)
sys.exit(sum(os.waitpid(child, 0)[1] for child in children) != 0)
"""


def test_each_user_s_word_is_their_own(machine, agent):
    """Whatever a line says of its sender."""
    users = ["1000", "1001", "1002"]
    place = machine.run / "pinshim" / "events.sock"
    done = processes.run(
        [clients.PYTHON, "-c", FROM_MANY, place, *users],
        env=processes.plain_environment(machine.folder),
    )
    assert done.status == 0, done
    ended(agent)
    assert machine.log.count() == (3000, 0)
    assert all(line["host"] == f"{line['uid']}.example" for line in machine.log.lines())


def test_program_s_events_arrive(machine, agent, certificates):
    """Those of the library itself, and nothing in its own user's name."""
    program = machine.inside(product.PINSHIM, "run", "--", kit.KIT, "--sni", "pinned.example")
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        words = [*program, "--port", server.port, "--ca", certificates.bundle]
        processes.run(words, env=machine.environment())
        assert attacker.leaked(server.finish()) == b""
    ended(agent)
    refresh, refused = machine.log.lines()
    assert (refresh["event"], refresh["detail"]) == ("refresh", "failed")
    assert refused["event"] == "untrusted-connection" and refused["app"] == "kit"
    assert set(refused) == policies.EVENT_FIELDS
    words = machine.inside(product.PINSHIM, "log")
    shown = processes.run(words, env=machine.environment()).stdout
    assert "refresh" in shown and "untrusted-connection" in shown


def test_file_that_can_not_be_written_is_told_once(machine, agent):
    machine.log.folder.chmod(0o755)
    send(machine, [LINE % 1])
    told = f"{machine.log.path}: Permission denied"
    agent.wait_for_match(told)
    send(machine, [LINE % 2])
    ended(agent)
    assert sum(told in line for line in agent.lines) == 1


def test_policy_that_names_another_file_is_followed(machine, agent):
    send(machine, [LINE % 1])
    other = machine.log.folder / "other.jsonl"
    local = machine.etc / "pinshim" / "pinshim.conf"
    local.write_text(local.read_text().replace(str(machine.log.path), str(other)))
    machine.compile()
    send(machine, [LINE % 2])
    ended(agent)
    kept = [line["host"] for line in machine.log.lines()]
    kept += [json.loads(line)["host"] for line in other.read_text().splitlines()]
    assert kept == ["1.example", "2.example"]


def test_file_that_root_has_begun_makes_room(machine, agent):
    """A program's that wrote for itself, since there was no agent yet."""
    machine.log.path.write_bytes(LINE % 1)
    machine.log.path.chmod(0o640)
    send(machine, [LINE % 2])
    ended(agent)
    assert [line["host"] for line in machine.log.lines()] == ["1.example", "2.example"]
    assert json.loads(machine.log.path.read_text())["host"] == "2.example"
