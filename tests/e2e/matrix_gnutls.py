"""The attack matrix of GnuTLS: its attacks, and every way in which a client uses it."""

import dataclasses

import matrix_attacks
import pki
import product
from matrix_axes import STREAMS, STRICT, TLS, Value
from matrix_clients import ADDRESS

_ASKED = (
    "session",
    "session-connects",
    "credentials",
)  # name the host in the midst of the handshake
_SET = ("cert", "cert2", "no-time")  # and before
_AFTER = ("after", "after-apart")

# What GnuTLS has no way to do, or can't read: a certificate in BER, for one.
_IMPOSSIBLE = (
    "reencoded",
    "session-imported",
    "session-dup",
    "session-copied",
    "session-bio-copied",
    "session-set-in-callback",
    "session-half-rtt",
    "psk-set-in-callback",
    "psk-set-after-retry",
    "psk-session",
    "pac",
)


def _attacks():
    for attack in matrix_attacks.ATTACKS:
        if attack.name == "psk":  # an external key of TLS 1.3 is one of SHA-256 (RFC 8446, 4.2.11)
            suites = {"ciphersuites": "TLS_AES_128_GCM_SHA256"}
            yield dataclasses.replace(attack, server={**attack.server, **suites})
        elif attack.name == "srp":
            yield dataclasses.replace(attack, options={"srp": attack.options["srp"]})
        elif attack.name == "lent-name":  # two common names are no name (RFC 6125, 1.8)
            yield dataclasses.replace(attack, faults={*attack.faults, "name"})
        elif attack.name not in _IMPOSSIBLE:
            yield attack


_WITHOUT_CERTIFICATE = tuple(a.name for a in _attacks() if a.proof != "certificate")


def _drivers():
    yield Value("driver", "descriptor")
    yield Value("driver", "functions", only={"tls": STREAMS})
    yield Value("driver", "false_start", only={"tls": ("1.2",)})
    yield Value("driver", "early_data", only={"tls": ("1.3",)})


def _verifications():
    """What happens after the handshake finds a leaf missing, too."""
    for name in (*_SET, *_ASKED):
        found = STRICT - ({"time"} if name == "no-time" else set())
        only = {"tls": STREAMS} if name == "session-connects" else {}
        yield Value("verify", name, checks=found, only=only)
    yield Value("verify", "chain", checks=STRICT - {"name"})
    for name in _AFTER:
        yield Value("verify", name, checks=STRICT | {"leaf"})
    for name in ("none", "session-accepts", "session-replaces", "credentials-accepts"):
        yield Value("verify", name)


def _naming(name, sni=None, verify_name=None, options=None, **more):
    options = {"sni": sni, "verify_name": verify_name, **(options or {})}
    return Value("naming", name, options=options, **more)


def _namings():
    name, other = pki.PINNED, pki.UNPINNED
    yield _naming("both", name, name)
    yield _naming("sni", name)
    yield _naming("verify", None, name)
    yield _naming("sni-alone-pinned", name, other)
    yield _naming("verify-alone-pinned", other, name, only={"verify": _SET})
    # Where no certificate is shown, the program never comes to ask.
    without = {"attack": _WITHOUT_CERTIFICATE}
    asked = {"only": {"verify": _ASKED}, "never": without, "unknown": True}
    yield _naming("asked-alone-pinned", other, name, **asked)
    # By then, early data has gone to the other name.
    yield _naming(
        "asked-after-pinned",
        other,
        name,
        only={"verify": ("after",)},
        never={"driver": ("early_data",)},
        unknown=True,
        afterwards=True,
    )
    yield _naming("upper", name.upper() + ".", name.upper())
    yield _naming("address", None, ADDRESS)
    found = frozenset({"name", "leaf"})
    yield _naming("checked-after", name, options={"check_after": name}, checks=found)
    late = {"first_name": other}
    # Early data that leaves with the ClientHello goes to the name that the program has set by then.
    yield _naming(
        "late-hello",
        name,
        name,
        options={"late_names": "hello", **late},
        never={"driver": ("early_data",)},
        unknown=True,
    )
    yield _naming(
        "late-wait",
        name,
        name,
        options={"late_names": "wait", **late},
        only={"driver": ("functions",)},
        unknown=True,
    )
    yield _naming("none")


def _lives():
    yield Value("life", "once")
    threads = 2 if product.sanitizers() else 8
    yield Value("life", "threads", {"threads": threads}, only={"tls": STREAMS})
    yield Value("life", "fork-before", {"fork": "before"})
    yield Value("life", "fork-between", {"fork": "between"}, only={"tls": STREAMS})
    yield Value("life", "regardless", {"ignore_errors": True})
    attach = {"ignore_errors": True, "attach_again": True}
    yield Value("life", "attach-again", attach, only={"tls": STREAMS})
    yield Value("life", "update-keys", {"update_keys": True}, only={"tls": ("1.3",)})


ATTACKS = tuple(_attacks())
CLIENTS = (
    tuple(_drivers()),
    tuple(_verifications()),
    tuple(_namings()),
    tuple(_lives()),
    (
        Value("transport", "blocking"),
        Value("transport", "nonblocking", {"nonblocking": True}, only={"tls": STREAMS}),
    ),
    tuple(
        Value("order", name, options)
        for name, options in (("names-first", {}), ("session-first", {"offer_first": True}))
    ),
    tuple(Value("tls", name, {"tls": name}) for name in TLS),
)
