"""Runs the C client of tests/clients/gnutls."""

import attacker
import kit
import pki
import product
import pytest

VERIFICATIONS = (
    "none",
    "cert",
    "cert2",
    "chain",
    "session",
    "session-accepts",
    "session-replaces",
    "session-connects",
    "credentials",
    "credentials-accepts",
    "after",
    "after-apart",
    "no-time",
)
CERTIFICATE_VERIFICATION_ERROR = "-348"
UNNAMED = {"sni": pki.UNPINNED, "verify_name": pki.UNPINNED}
every_version = pytest.mark.parametrize("tls", ("1.2", "1.3"))
every_verification = pytest.mark.parametrize("verify", VERIFICATIONS)


class Line(kit.Line):
    """One connection as the client saw it."""

    OUTCOME = ("connection", "handshake", "error")

    @property
    def failed_ordinarily(self):
        """True where the handshake ended as one does whose peers have nothing in common."""
        return not self.connected and int(self["error"]) < 0

    @property
    def refused_by_shim(self):
        """The library's own "Error in the certificate verification"."""
        return not self.connected and self["error"] == CERTIFICATE_VERIFICATION_ERROR


class Run(kit.Run):
    """A finished client."""

    LINE = Line


class Kit(kit.Kit):
    """Starts the client in a folder of its own, with or without the shim."""

    PROGRAM, RUN = product.CLIENTS / "gnutls", Run


def connect(client, identity, *options, policy=None, **settings):
    """A run of the client against a server with this identity; and what that saw."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        run = client(server.port, *options, policy=policy, **settings)
        return run, server.finish()


def assert_refused(run, connections):
    """An ordinary certificate failure, alert 42, not one byte."""
    assert run.line.refused_by_shim and run.status == 1, run
    assert attacker.leaked(connections) == b"" and not connections[0].handshake
    assert connections[0].alert == attacker.BAD_CERTIFICATE


def assert_connected(run, connections):
    assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run
