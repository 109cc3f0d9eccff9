"""The rows of the attack matrix: what an attacker does, and the class of attack it belongs to."""

import dataclasses

import kit
from matrix_axes import CALLBACKS, MEMORY, STREAMS, TLS, Attack


def _attack(name, row, *, tls=TLS, only=None, **settings):
    return Attack("attack", name, row=row, only={"tls": tls, **(only or {})}, **settings)


def _certificate_attacks():
    root = {"policy": "root"}
    proxy = {"policy": "proxy", "twin": "inspector"}
    yield _attack("other-key", (6, 8))
    yield _attack("hello-retry", (6, 8), server={"groups": "P-384"}, tls=("1.3",))
    yield _attack("pinned-leaf-sent", (1,), identity="sends_leaf")
    yield _attack("pinned-root-sent", (1,), identity="sends_root", **root)
    yield _attack("cross-signed-once", (2,), identity="cross_signed_once", faults={"sent"}, **root)
    yield _attack("same-subject", (2,), identity="same_subject", policy="middle")
    yield _attack(
        "root-of-same-name", (2,), identity="root_of_same_name", faults={"authority"}, **root
    )
    yield _attack("issued-by-leaf", (2,), identity="issued_by_leaf", faults={"ca"}, **root)
    lent = {
        "naming": ("sni-alone-pinned", "address")
    }  # the certificate is for the pinned name alone
    yield _attack("lent-name", (2,), identity="lent_name", faults={"proxy"}, never=lent, **root)
    yield _attack("reencoded", (3,), identity="attacker_reencoded", twin="genuine_reencoded")
    yield _attack("nul-in-name", (10,), identity="nul_in_name", faults={"name"}, **root)
    yield _attack("other-host", (11,), identity="other_host", faults={"name"}, **root)
    yield _attack("expired", (2,), identity="expired", faults={"time"}, **root)
    yield _attack("proxy-root-sent", (12,), identity="sends_proxy_root", **proxy)
    yield _attack("proxy-expired", (12,), identity="inspector_expired", faults={"time"}, **proxy)
    yield _attack(
        "proxy-other-host", (12,), identity="inspector_elsewhere", faults={"name"}, **proxy
    )
    yield _attack(
        "proxy-same-subject", (12,), identity="inspector_impostor", faults={"authority"}, **proxy
    )
    yield _attack(
        "proxy-without-authority",
        (12,),
        identity="inspector_without_authority",
        faults={"ca"},
        **proxy,
    )


# A session needs a connection before, and one by one.
_ONE_BY_ONE = {"life": ("threads",), "naming": ("in-verification", "in-store", "none")}


def _session(name, row=(4,), *, tls=TLS, server=None, resume="memory", options=None, **more):
    early = {"early_data": True} if tls == ("1.3",) else {}
    return _attack(
        name,
        row,
        tls=tls,
        server={**early, **(server or {})},
        twin_server={**early, **(server or {})},
        options={"resume": resume, **(options or {})},
        proof="session",
        twice=True,
        same_line=False,
        never=_ONE_BY_ONE,
        **more,
    )


def _session_attacks():
    yield _session("session")
    yield _session("session-early", (4, 5), tls=("1.3",))
    yield _session("session-by-id", tls=("1.2",), server={"no_tickets": True})
    yield _session("session-imported", resume="imported", tls=STREAMS)
    yield _session("session-dup", resume="dup", tls=STREAMS)
    yield _session("session-copied", resume="copy", tls=STREAMS)
    yield _session("session-bio-copied", resume="bio-copy", tls=STREAMS)
    yield _session(
        "session-set-in-callback",
        (4, 6),
        tls=STREAMS,
        options={"late_session": "loop"},
        only={"info": CALLBACKS},
    )
    yield _session(
        "session-half-rtt", (4, 5), tls=("1.3",), server={"half_rtt": True, "early_data": True}
    )
    yield dataclasses.replace(
        _session("session-before-policy", tls=STREAMS),
        options={},
        prepared=True,
        twice=False,
        never={"life": ("clear",), "naming": ("in-verification",)},
    )


PAC = kit.PSK * 3


_NO_CLEAR = {"life": ("clear",)}  # the connection before has set the secret: it isn't late any more


def _secret(name, row=(7,), *, never=None, **settings):
    never = {"naming": ("in-verification",), **(never or {})}
    settings = {"faults": {"leaf"}, "identity": "", "proof": "nothing", **settings}
    return _attack(name, row, never=never, **settings)


def _secret_attacks():
    psk = {"server": {"psk": kit.PSK}}
    yield _secret("psk", options={"psk": kit.PSK}, never=_NO_CLEAR, **psk)
    yield _secret(
        "psk-set-in-callback",
        (6, 7),
        options={"psk": kit.PSK, "late_psk": "loop"},
        only={"info": CALLBACKS},
        never=_NO_CLEAR,
        **psk,
    )
    # A certificate to begin with, and the hash that the key goes with.
    retry = {"groups": "P-384", "ciphersuites": "TLS_AES_128_GCM_SHA256"}
    yield _secret(
        "psk-set-after-retry",
        (6, 7),
        tls=("1.3",),
        options={"psk": kit.PSK, "late_psk": "wait"},
        only={"driver": MEMORY},
        server={"psk": kit.PSK, **retry},
        identity="attacker",
        never=_NO_CLEAR,
        twin_server=retry,
    )
    yield _secret(
        "psk-session",
        (5, 7),
        tls=("1.3",),
        options={"psk": kit.PSK, "psk_session": True},
        never=_NO_CLEAR,
        server={"psk": kit.PSK, "early_data": True},
        twin_server={"early_data": True},
        same_line=False,
    )
    anonymous = {"tls": ("1.2", "dtls1.2"), "twin_server": {"ciphers": "DEFAULT"}}
    yield _secret("anonymous", options={"anonymous": True}, **anonymous)
    yield _secret(
        "srp",
        tls=("1.2",),
        options={"srp": "password", "ciphers": "aSRP:ALL"},
        server={"srp": "password", "ciphers": "aSRP"},
    )
    yield _secret(
        "pac",
        tls=("1.2",),
        options={"pac": PAC},
        server={"pac": PAC},
        identity="attacker",
        never=_NO_CLEAR,
    )
    yield _attack(
        "renegotiation",
        (9,),
        tls=("1.2",),
        options={"renegotiate": True},
        server={"then": "attacker"},
        twin_server={"then": "genuine"},
        identity="genuine",
        granted=1,
    )


ATTACKS = (*_certificate_attacks(), *_session_attacks(), *_secret_attacks())
