"""A notification on the desktop, where there is a session to show it in.

The session is a real bus in a mount namespace of its own, for the place of a user's bus is fixed.
"""

import contextlib
import os
import socket
import subprocess

import attacker
import kit
import pki
import policies
import processes
import product
import pytest

RUNTIME = f"/run/user/{os.getuid()}"
PRIVATE_PLACE = f"mount -t tmpfs tmpfs /run && mkdir -p {RUNTIME}"


def namespaces_work():
    """True where this user may have a mount namespace."""
    tried = ["unshare", "-m", "sh", "-c", PRIVATE_PLACE]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not namespaces_work(), reason="needs a mount namespace (root)")


class Session:
    """A namespace with a place for a bus, and whatever runs in it."""

    def __init__(self, folder, script):
        self._folder = folder
        self.holder = processes.Daemon(
            ["unshare", "-m", "sh", "-c", f"{PRIVATE_PLACE} && {script}"],
            env=processes.plain_environment(folder),
        )

    def inside(self, *words):
        """The words that run a program in the namespace."""
        return ["nsenter", "-m", "-t", str(self.holder.pid), *map(str, words)]

    def connect(self, policy, port, *options):
        """The kit's client in there, under the shim, its standard error no terminal."""
        client = [kit.KIT, "--port", port, "--sni", pki.PINNED, *options]
        words = self.inside(*product.under_shim(policy.path), *client)
        return processes.run(words, env=product.environment(self._folder))


@contextlib.contextmanager
def session(folder, script):
    """Runs it."""
    made = Session(folder, script)
    try:
        yield made
    finally:
        made.holder.stop()


@pytest.fixture
def bus(folder):
    """A session with dbus-daemon."""
    script = (
        f"exec dbus-daemon --session --nofork --print-address --address=unix:path={RUNTIME}/bus"
    )
    with session(folder, script) as made:
        made.holder.wait_for_match("unix:path=")
        yield made


@contextlib.contextmanager
def watching(bus, folder):
    """What the bus carries, told by dbus-monitor."""
    words = ["dbus-monitor", "--address", f"unix:path={RUNTIME}/bus"]
    words = bus.inside(*words, "interface='org.freedesktop.Notifications'")
    with processes.Daemon(words, env=processes.plain_environment(folder)) as monitor:
        monitor.wait_for_match("NameAcquired")
        yield monitor


def policy_with(folder, certificates, text=""):
    """Pins the genuine leaf, and lets the desktop be used."""
    return policies.pinning(folder, certificates.genuine.pin, desktop=True, text=text)


def test_notification(bus, folder, certificates):
    policy = policy_with(folder, certificates)
    with watching(bus, folder) as monitor, attacker.Server(certificates.attacker) as server:
        bus.connect(policy, server.port)
        assert attacker.leaked(server.finish()) == b""
        monitor.wait_for_match("member=Notify")
        shown = monitor.wait_for(lambda lines: "int32 -1" in "".join(lines) and lines)
    text = "\n".join(shown)
    assert 'string "Untrusted connection"' in text
    assert f'string "kit: the connection to {pki.PINNED} was terminated (pin-mismatch)"' in text


def test_one_notification_a_host(bus, folder, certificates):
    """However often a program tries; and the policy's own text for it."""
    text = 'messages = ( { application = "kit"; text = "Ring 4711 – jetzt"; } );'
    policy = policy_with(folder, certificates, text)
    with watching(bus, folder) as monitor, attacker.Server(certificates.attacker) as server:
        bus.connect(policy, server.port, "--count", 5)
        bus.connect(
            policy, server.port
        )  # another process: its message comes after all of the first
        monitor.wait_for(lambda lines: "".join(lines).count("int32 -1") == 2)
    assert len(policy.events()) == 6
    titles = [line for line in monitor.lines if "Ring 4711 – jetzt" in line]
    assert len(titles) == 2, monitor.lines


def test_genuine_server_is_no_news(bus, folder, certificates):
    policy = policy_with(folder, certificates)
    with watching(bus, folder) as monitor:
        with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
            done = bus.connect(policy, server.port, "--ca", certificates.bundle)
            assert "handshake=ok" in done.stdout
        with attacker.Server(certificates.attacker) as server:
            bus.connect(policy, server.port)
        monitor.wait_for_match("member=Notify")
    assert sum("member=Notify" in line for line in monitor.lines) == 1


def test_switched_off(bus, folder, certificates):
    off = policies.pinning(folder / "off", certificates.genuine.pin)
    on = policy_with(folder / "on", certificates)
    with watching(bus, folder) as monitor, attacker.Server(certificates.attacker) as server:
        bus.connect(off, server.port)
        bus.connect(on, server.port)
        monitor.wait_for_match("member=Notify")
    assert sum("member=Notify" in line for line in monitor.lines) == 1


@pytest.mark.parametrize(
    "answer",
    (b"", b"OK 0123\r\n", b"OK 0123\r\n" + b"\xff" * 4096, b"x" * 9999),
    ids=("silence", "greeting", "lengths", "no-line"),
)
def test_bus_that_lies_or_hangs(folder, certificates, answer):
    """The verdict stands, nothing leaks, and the program isn't kept for long."""
    listener = socket.socket(socket.AF_UNIX)
    place = folder / "bus"
    listener.bind(str(place))
    listener.listen()
    script = f"ln -s {place} {RUNTIME}/bus && echo ready && exec tail -f /dev/null"
    with session(folder, script) as made, attacker.Server(certificates.attacker) as server:
        made.holder.wait_for_match("ready")
        words = made.inside(
            *product.under_shim(policy_with(folder / "p", certificates).path),
            *[kit.KIT, "--port", server.port, "--sni", pki.PINNED],
        )
        with processes.Daemon(words, env=product.environment(folder)) as client:
            listener.settimeout(processes.STOP_TIMEOUT)
            peer, _ = listener.accept()
            with peer, contextlib.suppress(BrokenPipeError, ConnectionResetError):
                peer.sendall(answer)
                client.wait_for_match("handshake=failed.*queue=20:134")
        assert attacker.leaked(server.finish()) == b""
    listener.close()


def test_no_session(folder, certificates):
    with session(folder, "echo ready && exec tail -f /dev/null") as made:
        made.holder.wait_for_match("ready")
        with attacker.Server(certificates.attacker) as server:
            made.connect(policy_with(folder, certificates), server.port)
            assert attacker.leaked(server.finish()) == b""
