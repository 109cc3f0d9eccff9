"""Loaded by mitmproxy: says what it learns of each client, one JSON object a line."""

import json
import sys


def _tell(kind, **facts):
    print(json.dumps({"mitm": kind, **facts}), file=sys.stderr, flush=True)


def client_connected(client):
    """TCP, nothing more."""
    _tell("connected", client=client.peername[1])


def client_disconnected(client):
    """The end of it."""
    _tell("disconnected", client=client.peername[1])


def tls_established_client(data):
    """The client has accepted our certificate."""
    _tell("established", client=data.conn.peername[1], version=data.conn.tls_version)


def tls_failed_client(data):
    """The client has not; the error holds the alert's name."""
    _tell("refused", client=data.conn.peername[1], error=data.conn.error or "")


def request(flow):
    """A whole request, decrypted."""
    headers = "".join(f"{name}: {value}\n" for name, value in flow.request.headers.items())
    text = f"{flow.request.method} {flow.request.path}\n{headers}\n{flow.request.get_text() or ''}"
    _tell("request", client=flow.client_conn.peername[1], http=flow.request.http_version, text=text)
