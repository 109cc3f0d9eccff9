"""Runs the C client of tests/clients/nss."""

import kit
import product

ACCESS_DENIED = "TLSV1_ALERT_ACCESS_DENIED"  # OpenSSL's name of alert 49


class Line(kit.Line):
    """One connection as the client saw it."""

    OUTCOME = ("connection", "handshake")

    @property
    def failed_ordinarily(self):
        """True where the handshake came to nothing, for a reason of the library's own."""
        return not self.connected and self["error"].startswith("SSL_ERROR")

    @property
    def refused_by_shim(self):
        """The library's own "Peer's certificate has been marked as not trusted"."""
        return not self.connected and self["error"] == "SEC_ERROR_UNTRUSTED_CERT"


class Run(kit.Run):
    """A finished client."""

    LINE = Line


class Kit(kit.Kit):
    """Starts the client in a folder of its own, with or without the shim."""

    PROGRAM, RUN = product.CLIENTS / "nss", Run
    ALERT = ACCESS_DENIED
