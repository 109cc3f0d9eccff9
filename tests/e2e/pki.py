"""Certificates for the tests: authorities, what they issue, and the pins of both.

Every key is EC P-256. A certificate is fine unless a parameter says what is wrong with it.
"""

import base64
import dataclasses
import datetime
import functools
import hashlib
import ipaddress
import itertools
import pathlib
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

# Names of the genuine server. Which of them a policy pins is a test's own affair.
PINNED = "services.maas360.test"
UNPINNED = "www.example.test"
NAMES = (
    PINNED,
    "maas360.test",
    "portal.maas360.test",
    "eu.portal.maas360.test",
    "status.maas360.test",
    "*.cdn.maas360.test",
    UNPINNED,
    "localhost",
)

DAY = datetime.timedelta(days=1)
_serials = itertools.count(1)


def pin_of(certificate):
    """SHA-256 over the SubjectPublicKeyInfo, in curl's spelling."""
    spki = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return "sha256//" + base64.b64encode(hashlib.sha256(spki).digest()).decode()


def pem(*certificates):
    """The certificates, one after the other, as PEM bytes."""
    return b"".join(c.public_bytes(serialization.Encoding.PEM) for c in certificates)


def pem_of(der):
    """Bytes that somebody made, as a PEM certificate."""
    return ssl.DER_cert_to_PEM_cert(der).encode()


def new_key():
    """A fresh private key."""
    return ec.generate_private_key(ec.SECP256R1())


def _key_pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _subject(common_name):
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "pinshim tests"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
        ]
    )


def _general_name(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclasses.dataclass(frozen=True)
class Identity:
    """A certificate, its key, and the chain that goes with it (leaf first, without the root)."""

    folder: pathlib.Path
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: tuple

    @property
    def pin(self):
        """The pin of the certificate's key."""
        return pin_of(self.certificate)

    @property
    def pins(self):
        """The pins of the chain as it is served."""
        return [pin_of(c) for c in self.chain]

    @functools.cached_property
    def chain_file(self):
        """A PEM file with the chain."""
        return self._write("chain", pem(*self.chain))

    @functools.cached_property
    def key_file(self):
        """A PEM file with the key."""
        return self._write("key", _key_pem(self.key))

    @functools.cached_property
    def certificate_file(self):
        """A PEM file with the certificate alone."""
        return self._write("certificate", pem(self.certificate))

    def serving(self, *chain):
        """The same certificate, sent together with others than its own chain."""
        return dataclasses.replace(self, chain=(self.certificate, *chain))

    def issue(
        self,
        names=NAMES,
        *,
        key=None,
        authority=False,
        valid=(-DAY, DAY),
        common_name=None,
        subject=None,
    ):
        """A certificate signed by this one, whether it is an authority or not.

        `valid`: from when to when, seen from now. `authority`: may it sign in turn. `subject`: all
        of it, instead of a common name.
        """
        key = key or new_key()
        title = common_name or (names[0] if names else "authority")
        certificate = _certificate(
            _subject(title) if subject is None else subject,
            key,
            self.certificate.subject,
            self.key,
            names=names,
            authority=authority,
            valid=valid,
        )
        above = () if self.certificate.issuer == self.certificate.subject else self.chain
        return Identity(self.folder, certificate, key, (certificate, *above))

    def _write(self, kind, content):
        digest = hashlib.sha256(content).hexdigest()[:16]  # chains of one certificate differ
        path = self.folder / f"{self.certificate.serial_number}-{digest}-{kind}.pem"
        path.write_bytes(content)
        return path


def sign(subject, key, issuer, *, names, authority, valid=(-DAY, DAY), extra=()):
    """A certificate from an Identity, `extra` extensions and all."""
    return _certificate(
        subject,
        key,
        issuer.certificate.subject,
        issuer.key,
        names=names,
        authority=authority,
        valid=valid,
        extra=extra,
    )


def _certificate(subject, key, issuer, issuer_key, *, names, authority, valid, extra=()):
    now = datetime.datetime.utcnow()
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(next(_serials))
        .not_valid_before(now + valid[0])
        .not_valid_after(now + valid[1])
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if not authority:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
    for extension in extra:
        builder = builder.add_extension(extension, critical=True)
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general_name(n) for n in names]), critical=False
        )
    return builder.sign(issuer_key, hashes.SHA256())


def new_root(folder, name, *, key=None, valid=(-DAY, DAY), names=()):
    """A root: an authority that signed itself. With names, a server may show it as its own."""
    key = key or new_key()
    subject = _subject(name)
    certificate = _certificate(subject, key, subject, key, names=names, authority=True, valid=valid)
    return Identity(folder, certificate, key, (certificate,))


class Pki:
    """The cast: the genuine server's authorities and the attackers'.

    Clients trust the genuine root *and* the attacker's ("added to this machine"), so that nothing
    but the pin tells the two servers apart.
    """

    def __init__(self, folder):
        self.folder = folder
        self.root = new_root(folder, "Genuine Root")
        self.intermediate = self.root.issue((), authority=True, common_name="Genuine Intermediate")
        self.genuine = self.intermediate.issue()
        self.attacker_root = new_root(folder, "Locally Added Root")
        self.attacker = self.attacker_root.issue()
        self.stranger_root = new_root(folder, "Root That Nobody Trusts")
        self.bundle = folder / "bundle.pem"
        self.bundle.write_bytes(pem(self.root.certificate, self.attacker_root.certificate))
