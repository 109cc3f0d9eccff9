"""A client on python3-nss: HOST PORT DATABASE SECRET VERIFY."""

import sys

import nss.io as io
import nss.nss as nss
import nss.ssl as ssl
from nss.error import NSPRError

HOST, PORT, DATABASE, SECRET, VERIFY = sys.argv[1:]

nss.nss_init(f"sql:{DATABASE}")
ssl.set_domestic_policy()
try:
    sock = ssl.SSLSocket(io.PR_AF_INET)
    sock.set_ssl_option(ssl.SSL_SECURITY, True)
    sock.set_ssl_option(ssl.SSL_HANDSHAKE_AS_CLIENT, True)
    sock.set_hostname(HOST)
    if VERIFY == "0":
        sock.set_auth_certificate_callback(lambda sock, check, is_server: True)
    sock.connect(io.NetworkAddress("127.0.0.1", int(PORT)), io.seconds_to_interval(10))
    request = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(SECRET)}\r\n\r\n{SECRET}"
    sock.send(request.encode())
    while data := sock.recv(4096):
        sys.stdout.write(data.decode())
    sock.close()
except NSPRError as error:
    sys.exit(f"nss: {error}")
