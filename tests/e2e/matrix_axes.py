"""What the attack matrix is made of: values of axes, and which of them make sense together."""

import dataclasses

TLS = ("1.2", "1.3", "dtls1.2")
STREAMS = ("1.2", "1.3")
MEMORY = ("memory_connect", "memory_write", "memory_read")  # drivers
CALLBACKS = ("context", "early", "late")  # ways to set an info callback
STRICT = frozenset({"authority", "time", "name", "ca", "proxy"})  # what a verification can find


@dataclasses.dataclass(frozen=True, eq=False)
class Value:
    """One value of an axis: options of the client kit (tests/clients/kit/options.c)."""

    axis: str
    name: str
    options: dict = dataclasses.field(default_factory=dict)
    only: dict = dataclasses.field(default_factory=dict)  # axis: names it goes with
    never: dict = dataclasses.field(default_factory=dict)  # axis: names it doesn't
    checks: frozenset = frozenset()  # faults that the program's own verification finds
    lax: bool = False  # it makes every verification a formality
    reads: bool = False  # the server must speak first
    twice: bool = False  # there is a connection to an unpinned name before
    same_line: bool = True  # the program sees no difference at all at the genuine server
    unknown: bool = False  # the name isn't known when the ClientHello is made
    afterwards: bool = False  # nor when the handshake is done

    def __str__(self):
        return self.name


@dataclasses.dataclass(frozen=True, eq=False)
class Attack(Value):
    """What the attacker does. `identity`, `twin`: names in impostors.Cast."""

    row: tuple = ()  # classes of attack (docs/security.md)
    policy: str = "leaf"  # what is pinned: leaf, root, middle, or the leaf and proxies beside it
    identity: str = "attacker"
    twin: str = "genuine"
    server: dict = dataclasses.field(default_factory=dict)
    twin_server: dict = dataclasses.field(default_factory=dict)
    faults: frozenset = frozenset()
    proof: str = "certificate"  # what he rests on: certificate, session, nothing
    prepared: bool = False  # a session from an earlier, unprotected run
    granted: int = 0  # secrets that he gets by being the genuine server first


def fits(a, b):
    """True where two values make sense in one cell."""
    return all(
        y.name in x.only.get(y.axis, (y.name,)) and y.name not in x.never.get(y.axis, ())
        for x, y in ((a, b), (b, a))
    )
