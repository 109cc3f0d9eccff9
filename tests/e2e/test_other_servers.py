"""Servers that use GnuTLS and NSS accept connections under the shim: it leaves them alone."""

import contextlib
import socket
import ssl
import subprocess

import attacker
import clients
import nss_clients
import pki
import policies
import processes
import product
import pytest

NICKNAME = "server"
_SOURCES = product.PROJECT / "tests" / "clients"


def _gnutls_serv(folder, identity, bundle, asking):
    words = ["gnutls-serv", "--echo", "--port=0", f"--x509certfile={identity.chain_file}"]
    words += [f"--x509keyfile={identity.key_file}", f"--x509cafile={bundle}"]
    words += ["--require-client-cert", "--verify-client-cert"] if asking else ["-a"]
    return words, r"listening on IPv4 .*done"


def _nss(folder, identity, bundle, asking):
    """Its key is in the database."""
    database = nss_clients.database(folder, bundle)
    packed = folder / "server.p12"
    if not packed.exists():
        words = ["openssl", "pkcs12", "-export", "-passout", "pass:", "-name", NICKNAME]
        words += ["-in", identity.chain_file, "-inkey", identity.key_file, "-out", packed]
        subprocess.run(words, check=True)
        words = ["pk12util", "-d", f"sql:{database}", "-i", packed, "-W", "", "-K", ""]
        subprocess.run(words, check=True, capture_output=True)
        _trust_clients(database)
    words = [clients.PYTHON, _SOURCES / "nss_server.py", f"sql:{database}", NICKNAME]
    return [*words, "asking" if asking else "-"], r"^port \d+"


def _trust_clients(database):
    """The authorities of servers are trusted for clients, too."""
    certutil = ["certutil", "-d", f"sql:{database}"]
    told = subprocess.run([*certutil, "-L"], capture_output=True, text=True, check=True)
    for number in range(told.stdout.count("root ")):
        subprocess.run([*certutil, "-M", "-n", f"root {number}", "-t", "CT,,"], check=True)


@contextlib.contextmanager
def _running(folder, command, policy):
    words, ready = command
    shim = product.under_shim(policy.path) if policy else ()
    with processes.Daemon([*shim, *words], env=product.environment(folder)) as daemon:
        daemon.wait_for_match(ready)
        yield processes.listening_port(daemon.pid)


def _talk(context, port):
    with socket.create_connection(("127.0.0.1", port), attacker.TIMEOUT) as plain:
        with context.wrap_socket(plain, server_hostname=pki.PINNED) as connection:
            connection.sendall(b"a line\n")
            return connection.version(), connection.cipher(), connection.recv(100)


@pytest.mark.parametrize("tls", (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3))
@pytest.mark.parametrize("asking", (False, True), ids=("plain", "client-certificate"))
@pytest.mark.parametrize("serve", (_gnutls_serv, _nss), ids=("gnutls-serv", "nss"))
def test_server_is_left_alone(certificates, folder, serve, asking, tls):
    """Not even its client's certificate for a pinned name is the shim's business."""
    policy = policies.pinning(folder, certificates.stranger_root.pin)
    command = serve(folder, certificates.attacker, certificates.bundle, asking)
    context = ssl.create_default_context(cafile=certificates.bundle)
    context.minimum_version = context.maximum_version = tls
    client = certificates.attacker_root.issue((pki.PINNED,))
    context.load_cert_chain(client.chain_file, client.key_file)
    seen = []
    for shim in (None, policy):
        with _running(folder, command, shim) as port:
            seen.append(_talk(context, port))
    assert seen[0] == seen[1]
    assert policy.events() == []
