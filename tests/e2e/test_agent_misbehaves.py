"""An agent that hangs, lies, floods or isn't root's: nothing leaks, nobody waits for long."""

import array
import os
import socket
import subprocess
import time

import attacker
import busy
import clients
import machines
import namespaces
import pki
import policies
import processes
import product
import pytest
import scripted_agents

pytestmark = namespaces.needed

PATIENCE = 3  # seconds
SLACK = 1  # that a loaded machine takes to tell of it
NOBODY = 65534


@pytest.fixture
def machine(pinned_machine):
    """Pins the genuine server's key."""
    return pinned_machine


def told(machine):
    """What came of the questions, and how often a connection was ended."""
    events = machine.policy.lines()
    ended = [event for event in events if event["event"] == "untrusted-connection"]
    return [event["detail"] for event in events if event["event"] == "refresh"], len(ended)


def hang(asked):
    """Reads, and says nothing."""
    asked.read()
    asked.wait()


def flood(asked):
    """More than anybody reads."""
    asked.read()
    for _ in range(100):
        asked.say(b"installed")
    asked.wait()


def pass_descriptors(asked):
    """An answer that brings some."""
    asked.read()
    numbers = array.array("i", [0, 1, 2])
    asked.say(b"installed", (socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers))
    asked.wait()


def unheard(asked):
    """Answers before it is asked."""
    asked.say(b"installed")
    asked.wait()


BEHAVIOURS = {
    "hangs": (hang, "no answer"),
    "lies": (scripted_agents.answering(b"installed"), "installed"),
    "babbles": (scripted_agents.answering(bytes(range(256)) * 8), "no answer"),
    "almost-answers": (scripted_agents.answering(b"installed."), "no answer"),
    "answers-with-a-nul": (scripted_agents.answering(b"installed\0"), "no answer"),
    "says-nothing-in-a-packet": (scripted_agents.answering(b""), "no answer"),
    "closes": (lambda asked: None, "no answer"),
    "closes-after-the-question": (lambda asked: asked.read(), "no answer"),
    "floods": (flood, "installed"),
    "passes-descriptors": (pass_descriptors, "installed"),
    "answers-too-early": (unheard, "installed"),
}


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_man_in_the_middle_gets_nothing(machine, run_folder, certificates, behaviour):
    behave, detail = BEHAVIOURS[behaviour]
    with scripted_agents.Agent(run_folder, behave) as agent:
        assert machine.outcome(certificates.attacker) == "refused"
        assert len(agent.requests()) == 1
        assert machine.outcome(certificates.genuine) == "connected"
    assert told(machine) == ([detail], 1)
    waits = [asked.patience for asked in agent.asked if asked.patience is not None]
    assert all(wait <= PATIENCE + SLACK for wait in waits), waits
    if behaviour == "hangs":
        assert waits[0] > PATIENCE / 2


@pytest.mark.parametrize(
    "content",
    (b"", b"pinshim?", None),
    ids=("empty", "garbage", "writable"),
)
def test_policy_that_is_none_to_go_by_changes_nothing(machine, run_folder, certificates, content):
    """It has installed one that is damaged, or that anybody may write: the old one decides."""
    lax = policies.pinning(machine.lib / "lax", certificates.attacker.pin)
    image = policies.image_of(lax).read_bytes()

    def install():
        policies.replace(machine.image, image if content is None else content)
        machine.image.chmod(0o666 if content is None else 0o644)

    with scripted_agents.Agent(run_folder, scripted_agents.answering(b"installed", install)):
        assert machine.outcome(certificates.attacker) == "refused"
    details, ended = told(machine)
    assert (details, ended) == (["installed"], 1) and lax.lines() == []


def listening(folder, backlog=8):
    """A socket that nobody accepts from."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(str(folder / "agent.sock"))
    listener.listen(backlog)
    return listener


def test_nobody_accepts(machine, run_folder, certificates):
    with listening(run_folder):
        assert machine.outcome(certificates.attacker) == "refused"
        assert told(machine) == (["no answer"], 1)


def test_queue_is_full(machine, run_folder, certificates):
    """Others have connected, so many that one more can't."""
    others = []
    with listening(run_folder, 0):
        try:
            while True:
                other = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
                others.append(other)
                other.connect(str(run_folder / "agent.sock"))
        except BlockingIOError:
            pass
        began = time.monotonic()
        assert machine.outcome(certificates.attacker) == "refused"
        assert time.monotonic() - began > PATIENCE / 2
        assert told(machine) == (["no answer"], 1)
        for other in others:
            other.close()


def test_socket_that_an_agent_left(machine, run_folder, certificates):
    listening(run_folder).close()
    assert machine.outcome(certificates.attacker) == "refused"
    assert told(machine) == (["no answer"], 1)


def test_socket_of_another_kind(machine, run_folder, certificates):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(run_folder / "agent.sock"))
        listener.listen()
        assert machine.outcome(certificates.attacker) == "refused"
    assert told(machine) == (["no answer"], 1)


def test_no_agent_is_no_news(machine, certificates):
    assert machine.outcome(certificates.attacker) == "refused"
    assert told(machine) == ([], 1)


IMPOSTOR = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
listener.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
listener.listen()
print("ready", flush=True)
client, _ = listener.accept()
print("asked", client.recv(4096), flush=True)
"""


def test_agent_of_somebody_else_is_asked_nothing(machine, run_folder, certificates, folder):
    """Which hosts a program seeks is no business of theirs."""
    os.chown(run_folder, NOBODY, NOBODY)
    words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    words += [clients.PYTHON, "-c", IMPOSTOR, run_folder / "agent.sock"]
    with processes.Daemon(words, env=processes.plain_environment(folder)) as impostor:
        impostor.wait_for_match("ready")
        assert machine.outcome(certificates.attacker) == "refused"
        assert impostor.wait_for_match("asked (.*)")[1] == "b''"
    assert told(machine) == (["no answer"], 1)


# --- the program around it


CAREFUL = """
import os, signal, socket, ssl, sys
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
context = ssl.create_default_context(cafile=sys.argv[2])
def connect():
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as plain:
        try:
            context.wrap_socket(plain, server_hostname=sys.argv[3]).close()
            return "connected"
        except ssl.SSLError as error:
            return error.reason
before = os.listdir("/proc/self/fd")
print(connect(), len(os.listdir("/proc/self/fd")) - len(before))
"""


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_no_descriptor_stays_and_no_signal_comes(machine, run_folder, certificates, behaviour):
    with scripted_agents.Agent(run_folder, BEHAVIOURS[behaviour][0]) as agent:
        assert in_python(machine, certificates, CAREFUL) == "CERTIFICATE_VERIFY_FAILED 0\n"
        assert len(agent.requests()) == 1


def in_python(machine, certificates, script):
    """What a script says that connects to the man in the middle, who gets nothing."""
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        words = [clients.PYTHON, "-c", script, server.port, certificates.bundle, pki.PINNED]
        done = processes.run(
            machine.inside(*machines.RUN, *words), env=product.environment(machine.lib)
        )
        assert attacker.leaked(server.finish()) == b""
    return done.stdout


INTERRUPTED = (
    CAREFUL.replace(
        "before =",
        """
signal.signal(signal.SIGALRM, lambda *_: None)
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
before =""",
    )
    + """
signal.setitimer(signal.ITIMER_REAL, 0)
"""
)


def test_interrupted_each_millisecond(machine, run_folder, certificates):
    """It waits as long as it would otherwise."""
    with scripted_agents.Agent(run_folder, hang) as agent:
        assert in_python(machine, certificates, INTERRUPTED) == "CERTIFICATE_VERIFY_FAILED 0\n"
        assert agent.requests() == [f"refresh {pki.PINNED}"]
    assert PATIENCE / 2 < agent.asked[0].patience <= PATIENCE + SLACK
    assert told(machine) == (["no answer"], 1)


FORKING = CAREFUL.replace(
    "before =",
    """
import threading
thread = threading.Thread(target=lambda: print("parent", connect(), flush=True))
thread.start()
sys.stdin.readline()
if os.fork() == 0:
    sockets = 0
    for number in range(3, 100):
        try:
            sockets += os.readlink(f"/proc/self/fd/{number}").startswith("socket:")
        except OSError:
            pass
    print("child", sockets, connect(), flush=True)
    os._exit(0)
os.wait()
thread.join()
sys.exit()
before =""",
)


def test_fork_while_another_thread_waits(machine, run_folder, certificates):
    """The child has the program's socket, and none of ours; nor does it wait for an answer that
    another process gets."""
    with scripted_agents.Agent(run_folder, hang) as agent:
        with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
            words = [clients.PYTHON, "-c", FORKING, server.port, certificates.bundle, pki.PINNED]
            words = machine.inside(*machines.RUN, *words)
            env = product.environment(machine.lib)
            with processes.Daemon(words, env=env, stdin=subprocess.PIPE) as program:
                agent.wait_for_one()
                program.say("fork")
                program.wait_for_match("child 1 CERTIFICATE_VERIFY_FAILED", timeout=PATIENCE)
                program.wait_for_match("parent CERTIFICATE_VERIFY_FAILED")
            assert attacker.leaked(server.finish()) == b""
        assert agent.requests() == [f"refresh {pki.PINNED}"]


@pytest.mark.parametrize("way", ("alarm", "restart"))
def test_program_with_a_life_of_its_own(machine, run_folder, folder, certificates, way):
    """Timers, threads and children beside its connections (tests/clients/busy.c)."""
    with scripted_agents.Agent(run_folder, scripted_agents.answering(b"failed")):
        busy.all_three(
            folder,
            certificates,
            "",
            way,
            10,
            prefix=machine.inside(),
            environment=machine.preloaded(),
        )
