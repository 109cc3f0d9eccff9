"""The cast of the attack matrix: whom the attacker pretends to be, and the genuine twins."""

import pki
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

ADDRESS = "127.0.0.1"
NAMES = (*pki.NAMES, ADDRESS)
PAST = (-2 * pki.DAY, -pki.DAY)
ELSEWHERE = ("attacker.example.test",)

# proxyCertInfo of RFC 3820: the policy "inherit all".
_PROXY_INFORMATION = x509.UnrecognizedExtension(
    x509.ObjectIdentifier("1.3.6.1.5.5.7.1.14"), bytes.fromhex("300c300a06082b06010505071501")
)


def _element(tag, content):
    """A DER element."""
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


class _Reencoded:
    """A certificate whose signed part is BER of indefinite length, and signed as such."""

    def __init__(self, certificate, issuer_key):
        self._certificate = certificate
        content = certificate.tbs_certificate_bytes[4:]  # behind the tag and three bytes of length
        signed = b"\x30\x80" + content + b"\0\0"
        signature = issuer_key.sign(signed, ec.ECDSA(hashes.SHA256()))
        algorithm = bytes.fromhex("300a06082a8648ce3d040302")
        self._der = _element(0x30, signed + algorithm + _element(0x03, b"\0" + signature))

    def public_bytes(self, encoding):
        """What a server's file holds."""
        assert encoding is serialization.Encoding.PEM
        return pki.pem_of(self._der)

    def __getattr__(self, name):
        return getattr(self._certificate, name)


def _reencoded(identity, issuer):
    leaf = _Reencoded(identity.certificate, issuer.key)
    return pki.Identity(identity.folder, leaf, identity.key, (leaf, *identity.chain[1:]))


def _proxy_certificate(holder):
    """Of RFC 3820: who holds a certificate lends its name, here to the pinned one."""
    key = pki.new_key()
    subject = x509.Name(
        [*holder.certificate.subject, x509.NameAttribute(NameOID.COMMON_NAME, pki.PINNED)]
    )
    certificate = pki.sign(
        subject, key, holder, names=(), authority=False, extra=(_PROXY_INFORMATION,)
    )
    return pki.Identity(holder.folder, certificate, key, (certificate, *holder.chain))


class Cast:
    """Every identity that a row of the matrix names."""

    def __init__(self, folder):
        self.folder = folder
        root = self.root = pki.new_root(folder, "Genuine Root")
        middle = self.middle = root.issue((), authority=True, common_name="Genuine Intermediate")
        added = self.added_root = pki.new_root(folder, "Locally Added Root")
        self.proxy_root = pki.new_root(folder, "Inspecting Proxy")
        self.not_an_authority = added.issue(("proxy.example.test",))
        self.genuine = middle.issue(NAMES)
        self.genuine_reencoded = _reencoded(middle.issue(NAMES, key=self.genuine.key), middle)
        self.attacker = added.issue(NAMES)
        self.attacker_reencoded = _reencoded(added.issue(NAMES), added)
        self.bundle = folder / "bundle.pem"
        self.bundle.write_bytes(
            pki.pem(root.certificate, added.certificate, self.proxy_root.certificate)
        )
        self._send_what_is_pinned()
        self._build_other_paths()
        self._misuse_the_pinned_authority()
        self._pretend_to_inspect()

    def _send_what_is_pinned(self):
        above = (self.middle.certificate, self.root.certificate)
        self.sends_root = self.attacker.serving(*above)
        self.sends_leaf = self.attacker.serving(self.genuine.certificate, *above)

    def _build_other_paths(self):
        root, added = self.root, self.added_root
        cross = root.issue(
            (), authority=True, key=added.key, common_name="Locally Added Root", valid=PAST
        )
        self.cross_signed_once = self.attacker.serving(cross.certificate, root.certificate)
        same = added.issue((), authority=True, common_name="Genuine Intermediate")
        leaf = same.issue(NAMES)
        self.same_subject = leaf.serving(
            same.certificate, self.middle.certificate, root.certificate
        )
        impostor = pki.new_root(self.folder, "Genuine Root")
        self.root_of_same_name = impostor.issue(NAMES).serving(impostor.certificate)

    def _misuse_the_pinned_authority(self):
        above = (self.middle.certificate, self.root.certificate)
        bought = self.middle.issue(ELSEWHERE)
        self.other_host = bought.serving(*above)
        self.expired = self.middle.issue(NAMES, valid=PAST).serving(*above)
        self.issued_by_leaf = bought.issue(NAMES).serving(bought.certificate, *above)
        self.lent_name = _proxy_certificate(bought)
        self.nul_in_name = self.middle.issue((pki.PINNED + "\0." + ELSEWHERE[0],)).serving(*above)

    def _pretend_to_inspect(self):
        proxy = self.proxy_root
        self.inspector = proxy.issue(NAMES)
        self.sends_proxy_root = self.attacker.serving(proxy.certificate)
        self.inspector_expired = proxy.issue(NAMES, valid=PAST)
        self.inspector_elsewhere = proxy.issue(ELSEWHERE)
        impostor = pki.new_root(self.folder, "Inspecting Proxy")
        self.inspector_impostor = impostor.issue(NAMES).serving(impostor.certificate)
        self.inspector_without_authority = self.not_an_authority.issue(NAMES).serving(
            self.not_an_authority.certificate
        )
