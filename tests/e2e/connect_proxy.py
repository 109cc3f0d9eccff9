"""A proxy for CONNECT (RFC 9110, 9.3.6), by plain TCP or within TLS, that keeps what it is told.

Whatever host it is asked for, it connects to one port of this machine.
"""

import select
import socket

import attacker
import starttls


def _relay(stream, origin):
    """What each says to the other, until one of them has gone."""
    while ready := select.select([stream, origin], [], [], attacker.TIMEOUT)[0]:
        if origin in ready:
            data, send = origin.recv(65536), stream.write
        else:
            data, send = stream.read(), origin.sendall
        if not data:
            return
        send(data)


def _tunnel_to(port):
    def serve(stream):
        said = b""
        while not said.endswith(b"\r\n\r\n"):
            data = stream.read()
            if not data:
                return starttls.GONE
            said += data
        with socket.create_connection(("127.0.0.1", port), attacker.TIMEOUT) as origin:
            stream.write(b"HTTP/1.1 200 go on\r\n\r\n")
            _relay(stream, origin)
        return starttls.GONE

    return serve


def proxy_to(port, identity, *, tls):
    """The proxy, before a port. Without TLS, what it is told stands in `plain`."""
    serve = _tunnel_to(port)
    return attacker.Server(identity, serve, before=None if tls else serve)
