"""What a handshake can show, in the words of the policy table: the servers' certificates, the pins."""

import contextlib
import dataclasses

import attacker
import pki
from cryptography import x509

EXPIRED = (-2 * pki.DAY, -pki.DAY)
OTHER_HOST = ("other.example.test",)
NONE = "no-certificate"


def _spoilt(certificate):
    """The same, but for the last byte of its signature."""
    der = certificate.public_bytes(pki.serialization.Encoding.DER)
    return x509.load_der_x509_certificate(der[:-1] + bytes([der[-1] ^ 1]))


def with_spoilt_signature(identity):
    """The same chain, whose leaf nobody signed."""
    return dataclasses.replace(
        identity,
        certificate=_spoilt(identity.certificate),
        chain=(_spoilt(identity.certificate), *identity.chain[1:]),
    )


class Cast:
    """The certificates of pki.Pki, and the roots of two proxies: the personas' and the machine's."""

    def __init__(self, certificates):
        self.certificates = certificates
        self.proxy_root = pki.new_root(certificates.folder, "Inspecting Proxy")
        self.local_root = pki.new_root(certificates.folder, "Proxy of This Machine")
        self.bundle = certificates.folder / "bundle-with-proxies.pem"
        self.bundle.write_bytes(
            certificates.bundle.read_bytes()
            + pki.pem(self.proxy_root.certificate, self.local_root.certificate)
        )

    def identities(self):
        """Of each evidence, by each way to show it: NAME -> {WAY: identity}."""
        c = self.certificates
        authorities = (c.intermediate.certificate, c.root.certificate)
        impostor = pki.new_root(c.folder, "Inspecting Proxy")
        return {
            "leaf-pinned": {"genuine": c.genuine},
            "verified-pinned-ca": {"genuine": c.genuine},
            "sent-pinned-ca": {"": c.attacker.serving(*authorities)},
            "unverified-pinned-ca": {
                "expired": c.intermediate.issue(valid=EXPIRED),
                "other-host": c.intermediate.issue(OTHER_HOST),
                "bad-signature": with_spoilt_signature(c.intermediate.issue()),
            },
            "verified-proxy-root": {"": self.proxy_root.issue()},
            "unverified-proxy-root": {
                "expired": self.proxy_root.issue(valid=EXPIRED),
                "other-host": self.proxy_root.issue(OTHER_HOST),
                "bad-signature": with_spoilt_signature(self.proxy_root.issue()),
                "same-name": impostor.issue().serving(impostor.certificate),
                "sent": c.attacker.serving(self.proxy_root.certificate),
            },
            "verified-local-root": {"": self.local_root.issue()},
            "verified-other": {"": c.attacker},
            "unverified-other": {
                "stranger": c.stranger_root.issue(),
                "expired": c.attacker_root.issue(valid=EXPIRED),
                "other-host": c.attacker_root.issue(OTHER_HOST),
            },
        }

    def pins(self, evidence):
        """Of a policy under which it is this evidence: a leaf where the leaf is to match."""
        c = self.certificates
        if evidence == "leaf-pinned":
            return [c.genuine.pin]
        if evidence.endswith("pinned-ca"):
            return [c.stranger_root.pin, c.root.pin, c.intermediate.pin]
        return [c.genuine.pin, c.root.pin]


@contextlib.contextmanager
def servers(cast):
    """A server for each identity of each evidence: NAME -> (server, ...)."""
    with contextlib.ExitStack() as stack:
        yield {
            name: tuple(
                stack.enter_context(attacker.Server(identity)) for identity in ways.values()
            )
            for name, ways in cast.identities().items()
        }
