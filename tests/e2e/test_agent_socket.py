"""pinshim-agent's socket, at which everybody may ask: nobody keeps it from answering the others."""

import concurrent.futures
import contextlib
import pathlib
import random
import socket
import stat
import subprocess
import sys

import agents
import namespaces
import processes
import product
import pytest

pytestmark = namespaces.needed

WORDS = (b"installed", b"current")


@pytest.fixture
def agent(ready):
    """It runs, and has version 1."""
    with ready.start() as agent:
        agent.wait_for_match("installed version 1, signed by ", timeout=30)
        assert ready.ask(b"refresh") in WORDS  # the first fetch is over
        yield agent


def test_socket_is_root_s_and_everybody_s_to_use(ready, agent):
    assert agent.lines
    assert stat.S_IMODE(ready.socket.stat().st_mode) == 0o666
    assert stat.S_IMODE(ready.socket.parent.stat().st_mode) == 0o755
    with ready.connect() as asker:
        peer = asker.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        assert int.from_bytes(peer[4:8], sys.byteorder) == 0


def test_askers_share_a_fetch(ready, agent, site):
    """Those of ten seconds, too: a fleet of refused connections is one look at the server."""
    assert agent.lines
    before = len(site.statuses())
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda _: ready.ask(), range(100)))
    assert set(answers) <= set(WORDS)
    assert len(site.statuses()) - before <= 2


def test_asker_is_told_of_what_was_installed_for_it(ready, site):
    """Who asks while the first fetch is under way waits for its end."""
    with ready.start() as agent:
        ready.wait_for_socket(agent)
        assert ready.ask() in WORDS
        assert ready.image.exists() and site.statuses() == [200]


GARBAGE = [
    b"x",
    b"refresh ",
    b"refresh  two",
    b"refresh a b",
    b"refresh a\n",
    b"refresh a\0",
    b"refresh \xff",
    b"REFRESH a",
    b"refresh " + b"a" * 254,
    b"refresh " + b"a" * 100000,
    b"\0" * 261,
]


@pytest.mark.parametrize("packet", GARBAGE, ids=range(len(GARBAGE)))
def test_what_is_no_request_is_not_answered(ready, agent, packet):
    assert ready.ask(packet) == b""
    assert ready.ask(b"refresh " + b"a" * 253) in WORDS
    assert agent.lines


def test_fuzzed_protocol(ready, agent):
    """A thousand packets: none ends it, and after each it answers the next one."""
    chance = random.Random(8)
    for _ in range(1000):
        packet = bytearray(chance.choice([b"refresh", b"refresh www.example", b"", b"refresh "]))
        for _ in range(chance.randrange(4)):
            packet.insert(chance.randrange(len(packet) + 1), chance.randrange(256))
        with ready.connect() as asker:
            if packet:
                asker.send(packet)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # closed already
                if chance.random() < 0.5:
                    asker.send(bytes(chance.randrange(1, 300)))
                if chance.random() < 0.1:
                    assert asker.recv(100) in (b"", b"failed", *WORDS)
    assert ready.ask() in WORDS
    assert not [line for line in agent.lines if "ended" in line]


# A user's program that opens connections and keeps them. It says so, and ends with its input.
FLOOD = """
import socket, sys
held = []
for number in range(600):
    made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    made.connect(sys.argv[1])
    try:
        if number % 2:
            made.send(b"refresh flood.example")
    except BrokenPipeError:  # it has been sent away
        pass
    held.append(made)
print(len(held), flush=True)
sys.stdin.read()
"""


def test_flood_of_one_user_is_that_user_s_own_trouble(ready, agent, site):
    before = len(site.statuses())
    words = [*product.become(["--reuid=nobody", "--clear-groups"]), sys.executable, "-c", FLOOD]
    with subprocess.Popen(
        [*words, str(ready.socket)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as flood:
        for _ in range(5):
            assert ready.ask() in WORDS
        assert flood.stdout.readline() == "600\n"
        for _ in range(5):
            assert ready.ask() in WORDS
        assert ready.refresh().returncode == 0
        flood.stdin.close()
        assert flood.wait(processes.STOP_TIMEOUT) == 0
    assert len(site.statuses()) - before <= 4
    (front,) = agents.children_of(agent.pid)
    assert len(list((pathlib.Path("/proc") / str(front) / "fd").iterdir())) < 20


def test_silent_askers_are_sent_away(ready, agent):
    """A second each; who has asked waits for as long as it takes."""
    assert agent.lines
    with ready.connect() as silent:
        silent.settimeout(processes.STOP_TIMEOUT)
        assert silent.recv(10) == b""


def test_agent_that_cannot_find_out_says_so(machine, key):
    """Nobody is at that address."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    machine.configure(url=f"https://{agents.HOST}:{port}/bundle", keys=key)
    with machine.start() as agent:
        agent.wait_for_match("nothing fetched: Couldn't connect to server", timeout=30)
        assert machine.ask() == b"failed"
        assert machine.refresh().returncode == 1
