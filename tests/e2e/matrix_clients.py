"""The columns of the attack matrix: every way in which a client uses OpenSSL."""

import pki
import product
from matrix_axes import CALLBACKS, MEMORY, STREAMS, STRICT, TLS, Value

ADDRESS = "127.0.0.1"


def _drivers():
    datagrams = {"tls": STREAMS}
    for name in ("connect", "do_handshake", "write", "write_ex"):
        yield Value("driver", name)
    for name in ("bio_do_handshake", "bio_write", "bio_puts", "memory_connect", "memory_write"):
        yield Value("driver", name, only=datagrams)
    yield Value("driver", "bio_chain", only=datagrams)
    for name in ("read", "read_ex", "peek", "peek_ex", "bio_read", "memory_read"):
        yield Value("driver", name, only=datagrams, reads=True)
    yield Value("driver", "early_data", only={"tls": ("1.3",)})


def _verifications():
    found = {"time", "name"}
    for name in ("peer", "instead-verifies", "instead-later", "partial"):
        yield Value("verify", name, checks=STRICT)
    yield Value("verify", "no-time", checks=STRICT - {"time"})
    yield Value("verify", "proxies", checks=STRICT - {"proxy"})
    yield Value("verify", "store", checks=STRICT - {"time"})
    yield Value("verify", "instead-trusts", checks=frozenset({*found, "proxy", "ca", "sent"}))
    for name in (
        "none",
        "late-none",
        "callback",
        "callback-forgets",
        "callback-turns-off",
        "callback-leaves",
        "none-callback",
        "instead",
        "instead-none",
        "instead-overrides",
    ):
        yield Value("verify", name)
    yield Value("verify", "callback-connects", only={"tls": STREAMS})
    names = {"naming": ("both", "verify", "sni-alone-pinned", "verify-alone-pinned", "upper")}
    ends = frozenset({"name"})
    yield Value(
        "verify", "dane", checks=ends, only=names, never={"life": ("clear", "swap-context")}
    )


def _naming(name, sni=None, verify_name=None, options=None, **more):
    options = {"sni": sni, "verify_name": verify_name, **(options or {})}
    return Value("naming", name, options=options, **more)


def _namings():
    name, other = pki.PINNED, pki.UNPINNED
    yield _naming("both", name, name)
    yield _naming("sni", name)
    yield _naming("verify", None, name)
    yield _naming("sni-alone-pinned", name, other)
    yield _naming("verify-alone-pinned", other, name)
    yield _naming("upper", name.upper() + ".", name.upper())
    yield _naming("address", None, ADDRESS)
    writers = {
        "driver": ("write", "write_ex", "bio_write", "bio_puts", "memory_write", "early_data")
    }
    found = frozenset({"name", "leaf"})
    after = {"check_after": name}
    yield _naming("checked-after", name, options=after, checks=found, never=writers)
    yield _naming("in-store", other, name, options={"place": "store"})
    yield _naming(
        "in-verification",
        other,
        name,
        options={"place": "verification"},
        only={"verify": ("instead-verifies", "instead-overrides")},
        never={"life": ("swap-context",)},
        unknown=True,
    )
    late = {"first_name": other}
    # Where a callback sets it while early data is driven, the session can't be dropped any more: the
    # handshake ends, also with the genuine server.
    for moment in ("start", "loop"):
        yield _naming(
            f"late-{moment}",
            name,
            name,
            options={"late_names": moment, **late},
            only={"info": CALLBACKS},
            never={"driver": ("early_data",)},
        )
    # Early data that leaves with the ClientHello goes to the name that the program has set by then.
    yield _naming(
        "late-message",
        name,
        name,
        options={"late_names": "message", **late},
        never={"driver": ("early_data",)},
        unknown=True,
    )
    yield _naming(
        "late-wait",
        name,
        name,
        options={"late_names": "wait", **late},
        only={"driver": MEMORY},
        unknown=True,
    )
    # Nobody is named: whom the socket leads to is, or whom the process's one socket leads to.
    lives = {"life": ("clear", "threads")}
    yield _naming("none", never=lives)


def _lives():
    yield Value("life", "once")
    yield Value("life", "dup", {"dup": True}, never={"driver": ("bio_chain",)})
    # SSL_clear keeps the session: a name that comes too late meets one that proves nothing.
    late = ("in-store", "in-verification", "late-message", "late-wait")
    yield Value(
        "life",
        "clear",
        {"clear": True},
        twice=True,
        same_line=False,
        never={"driver": ("bio_chain",), "naming": late},
    )
    yield Value("life", "swap-context", {"swap_context": True}, lax=True)
    yield Value("life", "contexts", {"contexts": True})
    yield Value("life", "library-context", {"library_context": True})
    threads = 2 if product.sanitizers() else 8  # 32: test_drivers.py
    yield Value("life", "threads", {"threads": threads}, only={"tls": STREAMS})
    yield Value("life", "fork-before", {"fork": "before"})
    yield Value("life", "fork-between", {"fork": "between"}, only={"tls": STREAMS})
    yield Value("life", "regardless", {"ignore_errors": True})
    yield Value(
        "life",
        "attach-again",
        {"ignore_errors": True, "attach_again": True},
        only={"tls": STREAMS},
        never={"driver": (*MEMORY, "bio_chain")},
    )
    yield Value("life", "own-security", {"own_security": True})
    yield Value("life", "update-keys", {"update_keys": True}, only={"tls": ("1.3",)})


def _transports():
    yield Value("transport", "blocking")
    yield Value("transport", "nonblocking", {"nonblocking": True}, never={"driver": ("bio_chain",)})
    yield Value("transport", "read-ahead", {"read_ahead": True})
    if not product.sanitizers():  # a fiber's stack of 32 KB is too small for instrumented code
        yield Value("transport", "async", {"async": True})


CLIENTS = (
    tuple(_drivers()),
    tuple(_verifications()),
    tuple(_namings()),
    tuple(_lives()),
    tuple(_transports()),
    tuple(Value("info", name, {"info": name}) for name in ("none", *CALLBACKS)),
    tuple(Value("tls", name, {"tls": name}) for name in TLS),
)
