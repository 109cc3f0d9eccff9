"""The attack matrix of NSS: every way in which a client uses it, and the attacks that it can meet."""

import dataclasses

import kit
import pki
from matrix_attacks import ATTACKS as ALL
from matrix_axes import STRICT, TLS, Attack, Value
from matrix_clients import ADDRESS

LIBRARY = ("library", "calls-library")  # what verifies the name of SSL_SetURL
OWN = ("names", "later-names")  # what verifies a name of its own
STREAMS = ("1.2", "1.3")


def _drivers():
    for name in ("force", "force-timeout", "write", "send", "writev"):
        yield Value("driver", name)
    for name in ("read", "recv", "peek"):
        yield Value("driver", name, only={"tls": STREAMS}, reads=True)


def _verifications():
    named = {"naming": ("both", "upper", "address")}
    for name in LIBRARY:
        yield Value("verify", name, checks=STRICT, only=named)
    for name in OWN:
        yield Value("verify", name, checks=STRICT)
    for name in ("none", "override", "own-override", "later", "thread", "override-later"):
        yield Value("verify", name)


def _naming(name, sni=None, verify_name=None, options=None, **more):
    options = {"sni": sni, "verify_name": verify_name, **(options or {})}
    return Value("naming", name, options=options, **more)


def _namings():
    name, other = pki.PINNED, pki.UNPINNED
    yield _naming("both", name, name)
    yield _naming("sni", name)
    yield _naming("verify", None, name, only={"verify": OWN})
    yield _naming("sni-alone-pinned", name, other)
    yield _naming("verify-alone-pinned", other, name, only={"verify": OWN})
    yield _naming("upper", name.upper(), name.upper())
    yield _naming("address", ADDRESS, ADDRESS)
    yield _naming("none", never={"life": ("threads",), "verify": (*LIBRARY, *OWN)})


def _lives():
    yield Value("life", "once")
    for name in ("model", "reconfigure", "layer", "reset"):
        yield Value("life", name, {name: True})
    yield Value("life", "model-layer", {"model": True, "layer": True, "reset": True})
    yield Value("life", "threads", {"threads": 4}, only={"tls": STREAMS})
    yield Value("life", "fork-before", {"fork": "before"})
    yield Value("life", "regardless", {"ignore_errors": True})


CLIENTS = (
    tuple(_drivers()),
    tuple(_verifications()),
    tuple(_namings()),
    tuple(_lives()),
    (Value("transport", "blocking"), Value("transport", "nonblocking", {"nonblocking": True})),
    tuple(Value("tls", name, {"tls": name}) for name in TLS),
)

_CERTIFICATES = (
    "other-key",
    "hello-retry",
    "pinned-leaf-sent",
    "pinned-root-sent",
    "cross-signed-once",
    "same-subject",
    "root-of-same-name",
    "issued-by-leaf",
    "lent-name",
    "nul-in-name",
    "other-host",
    "expired",
    "proxy-root-sent",
    "proxy-expired",
    "proxy-other-host",
    "proxy-same-subject",
    "proxy-without-authority",
)
# A name that the program's own function alone knows isn't known where a session is resumed.
_ONE_BY_ONE = {"life": ("threads",), "naming": ("none", "verify", "verify-alone-pinned")}


def _token(name, row, **options):
    """A session that was given out under an unpinned name, and is set before the pinned one is."""
    server = {"early_data": True}
    return Attack(
        "attack",
        name,
        row=row,
        only={"tls": ("1.3",)},
        never=_ONE_BY_ONE,
        options={"token": True, "cache": True, "first_name": pki.UNPINNED, **options},
        server=server,
        twin_server=server,
        proof="session",
        twice=True,
        same_line=False,
    )


def _attacks():
    yield from (attack for attack in ALL if attack.name in _CERTIFICATES)
    yield _token("token", (4,))
    yield _token("token-early", (4, 5), early=True)
    yield Attack(
        "attack",
        "psk",
        row=(7,),
        only={"tls": ("1.3",)},
        never={"verify": (*LIBRARY, *OWN), "naming": ("none",)},
        options={"psk": kit.PSK, "cache": True},
        server={"psk": kit.PSK},
        identity="",
        proof="nothing",
    )
    renegotiation = next(attack for attack in ALL if attack.name == "renegotiation")
    yield dataclasses.replace(
        renegotiation, never={"verify": ("later", "thread", "override-later", "later-names")}
    )


ATTACKS = tuple(_attacks())
