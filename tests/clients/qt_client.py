"""Sends a secret by Qt, whose plugin takes OpenSSL's functions by dlsym, and prints what comes back.

qt_client.py HOST PORT BUNDLE SECRET verify|trust: HOST is sought at 127.0.0.1. A failed connection is a
message and status 1.
"""

import sys

from PyQt6.QtCore import QCoreApplication
from PyQt6.QtNetwork import QSslCertificate, QSslConfiguration, QSslSocket

TIMEOUT = 10_000  # milliseconds


def connected(host, port, bundle, mode):
    """A socket after its handshake."""
    tls = QSslSocket()
    configuration = QSslConfiguration.defaultConfiguration()
    configuration.setCaCertificates(QSslCertificate.fromPath(bundle))
    if mode == "trust":
        configuration.setPeerVerifyMode(QSslSocket.PeerVerifyMode.VerifyNone)
    tls.setSslConfiguration(configuration)
    tls.connectToHostEncrypted("127.0.0.1", int(port), host)
    if not tls.waitForEncrypted(TIMEOUT):
        sys.exit(tls.errorString())
    return tls


def main(host, port, bundle, secret, mode):
    """One request."""
    application = QCoreApplication([])
    tls = connected(host, port, bundle, mode)
    tls.write(f"GET /{secret} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    answer = b""
    while tls.waitForReadyRead(TIMEOUT):
        answer += bytes(tls.readAll())
    sys.stdout.write(answer.decode())
    del tls, application


if __name__ == "__main__":
    main(*sys.argv[1:])
