"""Runs the C client of tests/clients/gnutls."""

import kit
import product

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
