"""Programs whose TLS comes with a plugin of theirs: Lua, Tcl and Qt, each told to send a secret."""

import clients
import product

_SOURCES = product.PROJECT / "tests" / "clients"
_FAILURE = r"certificate verify failed"


def _script(interpreter, script, mode):
    def arguments(r):
        return [interpreter, _SOURCES / script, r.host, r.port, r.bundle, r.secret, mode]

    return arguments


def _two(name, interpreter, script, modes, failure, **settings):
    """A program in both its ways."""
    return tuple(
        clients.Client(
            f"{name}{'' if verifies else '-trusting'}",
            _script(interpreter, script, mode),
            failure,
            verifies=verifies,
            **settings,
        )
        for mode, verifies in zip(modes, (True, False))
    )


CLIENTS = (
    *_two("lua", "lua5.4", "lua_client.lua", ("peer", "none"), _FAILURE, app="lua5.4"),
    *_two("tcl", "tclsh", "tcl_client.tcl", ("1", "0"), _FAILURE, app="tclsh"),
    *_two("qt", clients.PYTHON, "qt_client.py", ("verify", "trust"), _FAILURE, app="python3"),
)
