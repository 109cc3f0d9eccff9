"""Sends a secret over TLS by one of python's interfaces, and prints what comes back.

usage: python_client.py INTERFACE HOST PORT BUNDLE SECRET TLS-VERSION required|none

HOST is the name of the server, which is sought at 127.0.0.1. A failed connection is a traceback and
status 1.
"""

import asyncio
import http.client
import socket
import ssl
import sys
import urllib.request

TIMEOUT = 10
VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def make_context(bundle, version, verify):
    """A client's context, with the checks turned off where asked for."""
    context = ssl.create_default_context(cafile=bundle)
    context.minimum_version = context.maximum_version = VERSIONS[version]
    if verify == "none":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def request_text(host, secret):
    """A whole HTTP request as bytes."""
    return f"GET /{secret} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()


def read_all(tls):
    """Everything up to the server's goodbye."""
    return b"".join(iter(lambda: tls.recv(4096), b"")).decode()


def by_ssl(context, host, port, secret):
    """The ssl module itself."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as raw:
        with context.wrap_socket(raw, server_hostname=host) as tls:
            tls.sendall(request_text(host, secret))
            return read_all(tls)


def by_lazy_ssl(context, host, port, secret):
    """As by_ssl, but the first write does the handshake."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as raw:
        with context.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False) as tls:
            tls.sendall(request_text(host, secret))
            return read_all(tls)


class _Connection(http.client.HTTPSConnection):
    """Looks for every host at 127.0.0.1."""

    def connect(self):
        raw = socket.create_connection(("127.0.0.1", self.port), TIMEOUT)
        self.sock = self._context.wrap_socket(raw, server_hostname=self.host)


def by_http_client(context, host, port, secret):
    """http.client."""
    connection = _Connection(host, port, context=context)
    connection.request("POST", "/", body=secret)
    return connection.getresponse().read().decode()


def by_tunnel(context, host, port, secret):
    """http.client, by a proxy at this port."""
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=TIMEOUT, context=context)
    connection.set_tunnel(host, 443)
    connection.request("POST", "/", body=secret)
    return connection.getresponse().read().decode()


class _Handler(urllib.request.HTTPSHandler):
    def https_open(self, req):
        return self.do_open(_Connection, req, context=self._context)


def by_urllib(context, host, port, secret):
    """urllib.request."""
    opener = urllib.request.build_opener(_Handler(context=context))
    with opener.open(f"https://{host}:{port}/{secret}", timeout=TIMEOUT) as response:
        return response.read().decode()


def by_asyncio(context, host, port, secret):
    """asyncio, which keeps the TLS bytes in memory buffers."""

    async def talk():
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname=host
        )
        writer.write(request_text(host, secret))
        answer = await reader.read()
        writer.close()
        return answer.decode()

    return asyncio.run(asyncio.wait_for(talk(), TIMEOUT))


def by_resumption(context, host, port, secret):
    """Two connections, the second with the session of the first: were they resumed?"""
    session, answers = None, []
    for _ in range(2):
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as raw:
            with context.wrap_socket(raw, server_hostname=host, session=session) as tls:
                tls.sendall(request_text(host, secret))
                read_all(tls)
                answers.append(str(tls.session_reused))
                session = tls.session
    return "\n".join(answers) + "\n"


def by_request(context, host, port, secret):
    """A connection for each line of stdin; says at once what became of it."""
    for _ in sys.stdin:
        try:
            by_ssl(context, host, port, secret)
            print("connected", flush=True)
        except ssl.SSLError as error:
            print(error.reason, flush=True)
    return ""


INTERFACES = {
    "ssl": by_ssl,
    "lazy-ssl": by_lazy_ssl,
    "http.client": by_http_client,
    "tunnel": by_tunnel,
    "urllib": by_urllib,
    "asyncio": by_asyncio,
    "resumption": by_resumption,
    "on-request": by_request,
}


def main():
    """Runs what the command line says."""
    interface, host, port, bundle, secret, version, verify = sys.argv[1:]
    answer = INTERFACES[interface](make_context(bundle, version, verify), host, int(port), secret)
    sys.stdout.write(answer)


if __name__ == "__main__":
    main()
