"""An echo server that uses NSS. Usage: nss_server.py DATABASE NICKNAME ASKING. Says its port."""

import sys

import nss.io
import nss.nss
import nss.ssl


def main(database, nickname, asking):
    """Serves until it is ended."""
    nss.nss.nss_init(database)
    nss.ssl.set_domestic_policy()
    nss.ssl.config_server_session_id_cache()
    certificate = nss.nss.find_cert_from_nickname(nickname)
    key = nss.nss.find_key_by_any_cert(certificate)
    listener = nss.ssl.SSLSocket(nss.io.PR_AF_INET)
    listener.set_ssl_option(nss.ssl.SSL_SECURITY, True)
    listener.set_ssl_option(nss.ssl.SSL_HANDSHAKE_AS_SERVER, True)
    listener.set_ssl_option(nss.ssl.SSL_REQUEST_CERTIFICATE, asking == "asking")
    listener.set_ssl_option(nss.ssl.SSL_REQUIRE_CERTIFICATE, asking == "asking")
    listener.config_secure_server(certificate, key, certificate.find_kea_type())
    listener.bind(nss.io.NetworkAddress(nss.io.PR_IpAddrLoopback, 0))
    listener.listen()
    print("port", listener.get_sock_name().port, flush=True)
    while True:
        connection, _ = listener.accept()
        connection.send(connection.readline())
        connection.close()


main(*sys.argv[1:])
