"""A TLS server in a thread: it keeps every application byte, or the alert that came instead.

Given the attacker's identity it is the man in the middle, given the genuine one the real server.
"""

import dataclasses
import re
import select
import socket
import ssl
import threading

import client_hello

TIMEOUT = 30  # seconds; many times what a loaded machine needs
BODY = b"it is really me\n"


@dataclasses.dataclass
class Connection:
    """What one client did."""

    handshake: bool = False
    alert: str = (
        ""  # what ended the handshake, in OpenSSL's words: SSLV3_ALERT_BAD_CERTIFICATE is alert 42
    )
    plain: bytes = b""  # what came before TLS
    received: bytes = b""
    reused: bool = False
    version: str = ""
    hello: client_hello.Summary = None

    def end(self, reason):
        """How a client goes after the handshake is up to the network."""
        if not self.handshake:
            self.alert = reason


def _whole_request(data):
    head, gap, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: (\d+)", head)
    return gap and len(body) >= int(length[1] if length else 0)


def answer_http(stream, body=BODY, kind=b"text/plain"):
    """One request, one response."""
    while not _whole_request(stream.connection.received):
        if not stream.read():
            return
    stream.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (kind, len(body), body)
    )
    stream.end()


def answer_lines(stream):
    """A reply for each line, until the client goes."""
    while stream.read():
        if stream.connection.received.endswith(b"\n"):
            stream.write(b"250 ok\n")
    stream.end()  # a session that ends otherwise is forgotten (RFC 5246, 7.2.1)


def greet_then_answer_lines(stream):
    """As SMTP does: the server speaks first."""
    stream.write(b"220 hello\n")
    answer_lines(stream)


class Plain:
    """One connection before TLS."""

    def __init__(self, client, connection):
        self._client = client
        self.connection = connection

    def read(self):
        """More bytes, kept; nothing at the end. A client waits for the answer before its TLS."""
        data = self._client.recv(65536)
        self.connection.plain += data
        return data

    def write(self, data):
        """All of the data."""
        self._client.sendall(data)

    def fileno(self):
        """For select."""
        return self._client.fileno()


class _Stream:
    """One connection that is being served."""

    def __init__(self, tls, connection):
        self._tls = tls
        self.connection = connection

    def read(self):
        """More bytes, kept; nothing at the end."""
        data = self._tls.recv(65536)
        self.connection.received += data
        return data

    def write(self, data):
        """All of the data."""
        self._tls.sendall(data)

    def fileno(self):
        """For select."""
        return self._tls.fileno()

    def ask_for_certificate(self):
        """TLS 1.3: with the next write. It comes before what the client sends thereafter."""
        self._tls.verify_client_post_handshake()

    @property
    def client_certificate(self):
        """What the client has shown so far, as DER; None."""
        return self._tls.getpeercert(True)

    def end(self):
        """Says goodbye, and keeps what may come still."""
        self._tls.settimeout(0)
        try:
            self._tls.unwrap()
        except ssl.SSLWantReadError:  # the client's own goodbye
            pass
        self._tls.settimeout(TIMEOUT)
        socket.socket.shutdown(self._tls, socket.SHUT_WR)  # ssl's own would forget the TLS
        while self.read():
            pass


class Server:
    """Serves until `finish`, which waits for every client to be done and returns what they did.

    `before` is given what comes before TLS (Plain), and says whether there is to be any TLS.
    """

    def __init__(
        self,
        identity,
        answer=answer_http,
        *,
        before=None,
        tickets=True,
        configure=None,
        address="127.0.0.1",
    ):
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(identity.chain_file, identity.key_file)
        if not tickets:
            self._context.options |= ssl.OP_NO_TICKET
        if configure:
            configure(self._context)
        self._before = before
        self._answer = answer
        self._connections = []
        self._threads = []
        self._arrivals = threading.Condition()
        self._asked = 0
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, 0), family=family, backlog=128)
        self.port = self._listener.getsockname()[1]
        self._stop, self._stopped = socket.socketpair()
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def _accept(self):
        self._listener.setblocking(False)
        while True:
            ready, _, _ = select.select([self._listener, self._stopped], [], [])
            try:
                client, _ = self._listener.accept()
            except BlockingIOError:
                if self._stopped in ready:
                    return
                continue
            connection = Connection()
            self._connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(client, connection), daemon=True)
            thread.start()
            with self._arrivals:
                self._threads.append(thread)
                self._arrivals.notify_all()

    def _serve(self, client, connection):
        client.settimeout(TIMEOUT)
        with client:
            try:
                if self._before and not self._before(Plain(client, connection)):
                    return
                connection.hello = client_hello.peek(client)
                with self._context.wrap_socket(client, server_side=True) as tls:
                    connection.handshake = True
                    connection.reused = tls.session_reused
                    connection.version = tls.version()
                    self._answer(_Stream(tls, connection))
            except ssl.SSLError as error:
                connection.end(error.reason or str(error))
            except OSError as error:
                connection.end(error.__class__.__name__)

    def received(self):
        """Every application byte so far."""
        return leaked(self._connections)

    def since_last(self):
        """The connections since the last call, once their clients have gone; at least one."""
        with self._arrivals:
            self._arrivals.wait_for(lambda: len(self._threads) > self._asked, TIMEOUT)
            first, self._asked = self._asked, len(self._threads)
        assert first < self._asked, "nobody has connected"
        for thread in self._threads[first : self._asked]:
            thread.join(TIMEOUT)
            assert not thread.is_alive(), "a client is still connected"
        return self._connections[first : self._asked]

    def finish(self):
        """The connections, in order, once their clients have gone."""
        self._stop.send(b"x")
        self._acceptor.join(TIMEOUT)
        for thread in self._threads:
            thread.join(TIMEOUT)
            assert not thread.is_alive(), "a client is still connected"
        self.close()
        return self._connections

    def close(self):
        """Stops listening."""
        for item in (self._listener, self._stop, self._stopped):
            item.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._listener.fileno() >= 0:
            self._stop.send(b"x")
            self._acceptor.join(TIMEOUT)
            self.close()


def leaked(connections):
    """Every application byte that the server got."""
    return b"".join(connection.received for connection in connections)


BAD_CERTIFICATE = "SSLV3_ALERT_BAD_CERTIFICATE"  # OpenSSL's name of alert 42
