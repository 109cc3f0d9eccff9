"""A TLS server for hours: it counts what it gets, and keeps nothing."""

import contextlib
import socket
import socketserver
import ssl
import threading

TIMEOUT = 60  # seconds


class _Handler(socketserver.BaseRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):
            self.request.settimeout(TIMEOUT)
            with self.server.context.wrap_socket(self.request, server_side=True) as tls:
                self.server.count("handshakes", 1)
                while data := tls.recv(4096):
                    self.server.count("received", len(data))
                    tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


class Server(socketserver.ThreadingTCPServer):
    """Answers whatever comes, with this identity."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, identity):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(identity.chain_file, identity.key_file)
        self.port = self.server_address[1]
        self.handshakes = self.received = 0
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def count(self, what, number):
        """Adds to one of the counts."""
        with self._lock:
            setattr(self, what, getattr(self, what) + number)

    def shutdown_request(self, request):
        """Without what may stand unread, a close would reset the connection, alert and all."""
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_WR)
        self.close_request(request)
