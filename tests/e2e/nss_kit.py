"""Runs the C client of tests/clients/nss: what kit.py is for OpenSSL's."""

import kit
import pki
import processes
import product

CLIENT = product.CLIENTS / "nss"
ACCESS_DENIED = "TLSV1_ALERT_ACCESS_DENIED"  # OpenSSL's name of alert 49


class Line(kit.Line):
    """One connection as the client saw it."""

    stable = ("connection", "handshake")

    @property
    def refused_by_shim(self):
        """The library's own "certificate is not trusted"."""
        return self["handshake"] == "failed" and self["error"] == "SEC_ERROR_UNTRUSTED_CERT"

    @property
    def failed_in_library(self):
        """The handshake came to nothing, for whatever reason of the library's own."""
        return self["handshake"] == "failed" and self["error"].startswith("SSL_ERROR")


class Kit:
    """Starts the client in a folder of its own, with or without the shim."""

    alert = ACCESS_DENIED

    def __init__(self, folder, certificates):
        self._folder = folder
        self._certificates = certificates

    def __call__(
        self, port, *options, policy=None, preload=False, sni=pki.PINNED, verify_name=pki.PINNED, **settings
    ):
        """Runs it to its end. `policy`: under the shim. `preload`: by LD_PRELOAD alone. Settings
        are options."""
        words = [CLIENT, *options]
        settings = {
            "port": port,
            "ca": self._certificates.bundle,
            "sni": sni,
            "verify_name": verify_name,
            **settings,
        }
        for name, value in settings.items():
            if value is not None:
                words += ["--" + name.replace("_", "-"), value]
        path = getattr(policy, "path", policy)
        if path and not preload:
            words = [*product.under_shim(path), *words]
        env = product.preloaded(self._folder, path) if preload else product.environment(self._folder)
        return kit.Run(processes.run(words, env=env), Line)
