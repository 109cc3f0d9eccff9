"""A peer at the agent's socket that does what a test wants: what the agent never would, too."""

import contextlib
import pathlib
import shutil
import socket
import tempfile
import threading
import time

import processes

TIMEOUT = processes.STOP_TIMEOUT


class Asked:
    """One connection to the agent."""

    def __init__(self, client):
        self._client = client
        client.settimeout(TIMEOUT)
        self._began = time.monotonic()
        self.request = None
        self.patience = None  # how many seconds who asks has waited before they went

    def read(self):
        """The request."""
        self.request = self._client.recv(4096).decode()
        return self.request

    def say(self, packet, *ancillary):
        """One packet."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._client.sendmsg([packet], ancillary)

    def wait(self):
        """Until who asks has gone."""
        with contextlib.suppress(ConnectionResetError):
            while self._client.recv(4096):
                pass
        self.patience = time.monotonic() - self._began


def answering(word, before=lambda: None):
    """Reads the request, does something, and answers."""

    def behave(asked):
        asked.read()
        before()
        asked.say(word)
        asked.wait()

    return behave


class Agent:
    """Listens in a folder that stands for /run/pinshim; a thread for each connection."""

    NAME, TYPE = "agent.sock", socket.SOCK_SEQPACKET

    def __init__(self, folder, behave, backlog=64):
        self._behave = behave
        self.asked = []
        self._listener = socket.socket(socket.AF_UNIX, self.TYPE)
        self._listener.bind(str(folder / self.NAME))
        self._listener.listen(backlog)
        self._threads = []
        self._news = threading.Condition()
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            asked = Asked(client)
            with self._news:
                self.asked.append(asked)
                self._news.notify_all()
            thread = threading.Thread(target=self._serve, args=(client, asked), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, client, asked):
        with client:
            self._behave(asked)

    def wait_for_one(self):
        """Until somebody has connected."""
        with self._news:
            assert self._news.wait_for(lambda: self.asked, TIMEOUT)

    def requests(self):
        """What was asked, once everybody who asked has gone."""
        for thread in self._threads:
            thread.join(TIMEOUT)
            assert not thread.is_alive()
        return [asked.request for asked in self.asked]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(TIMEOUT)


class MacosAgent(Agent):
    """As macOS has it: a stream, on which a newline ends a packet."""

    TYPE = socket.SOCK_STREAM


class MacosEvents(MacosAgent):
    """The same for events, a connection each."""

    NAME = "events.sock"


@contextlib.contextmanager
def place():
    """A folder for /run/pinshim whose path is short enough for a socket's."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="pinshim-tests-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made)
