"""Raw public keys (RFC 7250) under GnuTLS: a server that shows no certificate, only a key."""

import contextlib

import gnutls_kit
import pki
import policies
import processes
import pytest
from cryptography.hazmat.primitives import serialization

PRIORITY = "NORMAL:-CTYPE-ALL:+CTYPE-SRV-RAWPK:+CTYPE-CLI-X509"


@contextlib.contextmanager
def _server(folder, key):
    """gnutls-serv, which echoes lines."""
    public = folder / "raw.pem"
    public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    private = folder / "raw.key"
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    words = ["gnutls-serv", "--echo", "--port=0", f"--priority={PRIORITY}"]
    words += [f"--rawpkfile={public}", f"--rawpkkeyfile={private}", "--disable-client-cert"]
    with processes.Daemon(words, env=processes.plain_environment(folder)) as daemon:
        daemon.wait_for_match(r"listening on IPv4 .*done")
        yield daemon, processes.listening_port(daemon.pid)


@pytest.fixture
def client(certificates, folder):
    """Takes a raw key, and verifies nothing."""
    kit = gnutls_kit.Kit(folder, certificates)

    def run(port, **settings):
        return kit(port, "--raw-keys", verify="none", **settings)

    return run


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
@pytest.mark.parametrize("whose", ("attacker", "genuine"))
def test_raw_key_is_refused_for_a_pinned_host(client, certificates, folder, tls, whose):
    """Whosever it is: there is no certificate that could be compared."""
    policy = policies.pinning(folder, certificates.genuine.pin)
    key = getattr(certificates, whose).key
    with _server(folder, key) as (server, port):
        run = client(port, tls=tls)
        assert run.status == 0 and int(run.line["received"]) > 0, run
    with _server(folder, key) as (server, port):
        run = client(port, tls=tls, policy=policy)
        assert run.status == 1 and not run.line.connected and run.line["sent"] == "0", run
    assert not any("Successful handshake" in line for line in server.lines), server.lines
    assert policy.event()["verdict"] == "no-certificate"


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
def test_raw_key_of_a_host_that_is_not_pinned(client, certificates, folder, tls):
    policy = policies.pinning(folder, certificates.genuine.pin, name="elsewhere.example.test")
    seen = []
    for shim in (None, policy):
        with _server(folder, certificates.attacker.key) as (_, port):
            seen.append(client(port, tls=tls, policy=shim, sni=pki.UNPINNED).finished.stdout)
    assert seen[0] == seen[1] and "handshake=ok" in seen[0]
    assert policy.events() == []
