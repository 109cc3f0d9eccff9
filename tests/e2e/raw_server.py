"""A server that speaks bytes, not TLS: for what no TLS library would ever send."""

import contextlib
import socket
import struct
import threading

import client_hello
import processes

TIMEOUT = processes.STOP_TIMEOUT


def record(kind, body):
    """A TLS 1.2 record."""
    return struct.pack("!BHH", kind, 0x0303, len(body)) + body


def message(kind, body):
    """A handshake message, in a record or several."""
    whole = struct.pack("!B", kind) + struct.pack("!I", len(body))[1:] + body
    return b"".join(record(22, whole[i : i + 16384]) for i in range(0, len(whole), 16384))


def server_hello():
    """TLS 1.2, ECDHE-ECDSA-AES128-GCM-SHA256, no session."""
    extensions = struct.pack("!HHB", 0xFF01, 1, 0)
    return message(
        2,
        b"\x03\x03"
        + bytes(range(32))
        + b"\0"
        + b"\xc0\x2b"
        + b"\0"
        + struct.pack("!H", len(extensions))
        + extensions,
    )


def certificate(*certificates):
    """A Certificate message with these bytes as certificates."""
    entries = b"".join(struct.pack("!I", len(der))[1:] + der for der in certificates)
    return message(11, struct.pack("!I", len(entries))[1:] + entries)


class Server:
    """Answers each ClientHello with the same bytes and closes; `hellos` sums up what came."""

    def __init__(self, answer):
        self._answer = answer
        self.hellos, self.replies = [], []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=32)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            client, _ = self._listener.accept()
            with client:
                client.settimeout(TIMEOUT)
                hello = client_hello.peek(client)
                if hello is None:  # __exit__'s
                    return
                self.hellos.append(hello)
                client.recv(65536)
                self.replies.append(self._exchange(client))

    def _exchange(self, client):
        """What the client says to the answer, until it has gone."""
        said = b""
        with contextlib.suppress(
            OSError
        ):  # it may have gone already, and what it said is still to be read
            client.sendall(self._answer)
            client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                said += data
        return said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        socket.create_connection(("127.0.0.1", self.port), TIMEOUT).close()
        self._thread.join(TIMEOUT)
        self._listener.close()
        assert not self._thread.is_alive()
