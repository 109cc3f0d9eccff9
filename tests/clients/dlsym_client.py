"""A client that takes a TLS library's functions by dlsym, as .NET, JNA and Python's ctypes do.

dlsym_client.py LIBRARY WAY PORT CA NAME SECRET: LIBRARY is the file of an OpenSSL or a GnuTLS; WAY what the
program does beside the least (see the functions). It sends, however the handshake ended.
"""

import ctypes
import os
import socket
import sys

VERIFY = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
INFO = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_int)


def pointer(value):
    """An argument that must not be cut to an int."""
    return ctypes.c_void_p(value)


class OpenSSL:
    """Ways: peer, none, instead (its own verification), versioned (that, by dlvsym), info (a callback)."""

    def __init__(self, library, way, ca, name):
        self._lib, self._way, self._ca, self._name = library, way, ca, name
        for function in ("TLS_client_method", "SSL_CTX_new", "SSL_new"):
            getattr(library, function).restype = ctypes.c_void_p
        self._accept = VERIFY(lambda ctx, argument: 1)
        self._info = INFO(lambda ssl, where, value: None)

    def _verify_instead(self):
        setter = self._lib.SSL_CTX_set_cert_verify_callback
        if self._way == "versioned":
            libc = ctypes.CDLL(None)
            libc.dlvsym.restype = ctypes.c_void_p
            setter = ctypes.CFUNCTYPE(None, ctypes.c_void_p, VERIFY, ctypes.c_void_p)(
                libc.dlvsym(
                    pointer(self._lib._handle),
                    b"SSL_CTX_set_cert_verify_callback",
                    b"OPENSSL_3.0.0",
                )
            )
            setter(self._ctx, self._accept, None)
        else:
            setter(pointer(self._ctx), self._accept, None)

    def connect(self, fd):
        """True where the handshake succeeded."""
        lib = self._lib
        self._ctx = lib.SSL_CTX_new(pointer(lib.TLS_client_method()))
        lib.SSL_CTX_load_verify_locations(pointer(self._ctx), self._ca, None)
        lib.SSL_CTX_set_verify(pointer(self._ctx), 0 if self._way in ("none", "info") else 1, None)
        if self._way in ("instead", "versioned"):
            self._verify_instead()
        self._ssl = lib.SSL_new(pointer(self._ctx))
        if self._way == "info":
            lib.SSL_set_info_callback(pointer(self._ssl), self._info)
        lib.SSL_ctrl(pointer(self._ssl), 55, ctypes.c_long(0), self._name)  # the server's name
        lib.SSL_set1_host(pointer(self._ssl), self._name)
        lib.SSL_set_fd(pointer(self._ssl), fd)
        return lib.SSL_connect(pointer(self._ssl)) == 1

    def send(self, data):
        """How much was taken."""
        return self._lib.SSL_write(pointer(self._ssl), data, len(data))

    def receive(self):
        """What came."""
        buffer = ctypes.create_string_buffer(1024)
        return buffer.raw[: max(0, self._lib.SSL_read(pointer(self._ssl), buffer, 1024))]


class GnuTLS:
    """Ways: peer (gnutls_session_set_verify_cert), none."""

    def __init__(self, library, way, ca, name):
        self._lib, self._way, self._ca, self._name = library, way, ca, name

    def connect(self, fd):
        """True where the handshake succeeded."""
        lib = self._lib
        credentials, self._session = ctypes.c_void_p(), ctypes.c_void_p()
        lib.gnutls_certificate_allocate_credentials(ctypes.byref(credentials))
        lib.gnutls_certificate_set_x509_trust_file(credentials, self._ca, 1)
        lib.gnutls_init(ctypes.byref(self._session), 2)
        lib.gnutls_set_default_priority(self._session)
        lib.gnutls_server_name_set(self._session, 1, self._name, ctypes.c_size_t(len(self._name)))
        lib.gnutls_credentials_set(self._session, 1, credentials)
        if self._way == "peer":
            lib.gnutls_session_set_verify_cert(self._session, self._name, 0)
        lib.gnutls_transport_set_int2(self._session, fd, fd)
        return lib.gnutls_handshake(self._session) == 0

    def send(self, data):
        """How much was taken."""
        return self._lib.gnutls_record_send(self._session, data, ctypes.c_size_t(len(data)))

    def receive(self):
        """What came."""
        buffer = ctypes.create_string_buffer(1024)
        got = again = -28  # GNUTLS_E_AGAIN: a ticket came first
        while got == again:
            got = self._lib.gnutls_record_recv(self._session, buffer, ctypes.c_size_t(1024))
        return buffer.raw[: max(0, got)]


def main(library, way, port, ca, name, secret):
    """The exit status: 0 where the server answered."""
    kind = GnuTLS if "gnutls" in os.path.basename(library) else OpenSSL
    client = kind(ctypes.CDLL(library), way, ca.encode(), name.encode())
    with socket.create_connection(("127.0.0.1", int(port)), timeout=20) as connection:
        connection.settimeout(None)
        connected = client.connect(connection.fileno())
        sent = client.send(secret.encode() + b"\n")
        answer = client.receive() if connected else b""
    print("connected" if connected else "failed", sent, answer)
    return 0 if connected and answer else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
