"""The attack matrix: attacks (matrix_attacks.py) by ways of a client (matrix_clients.py).

A cell is one value of each axis. Two values that make no sense together say so (`only`, `never`);
where an attack can't succeed even without the shim, its `faults` and what the program `checks` say
so, and the cell is run as one that the program stops itself. test_matrix.py runs them.
"""

import dataclasses
import os

import covering
import gnutls_kit
import kit
import matrix_attacks
import matrix_clients
import matrix_gnutls
import matrix_nss
import nss_kit
import processes
import product
from matrix_axes import fits

SEED = 20


@dataclasses.dataclass(frozen=True, eq=False)
class Game:
    """The attacks on one library, and the ways to use it. `kit`: its client. `most`: cells to run, of all
    pairs; None: all."""

    name: str
    attacks: tuple
    clients: tuple
    kit: type
    most: int | None = None


GAMES = (
    Game("openssl", matrix_attacks.ATTACKS, matrix_clients.CLIENTS, kit.Kit),
    Game("gnutls", matrix_gnutls.ATTACKS, matrix_gnutls.CLIENTS, gnutls_kit.Kit),
    Game("nss", matrix_nss.ATTACKS, matrix_nss.CLIENTS, nss_kit.Kit),
)


@dataclasses.dataclass(frozen=True)
class Cell:
    """One value of each axis, the attack first."""

    values: tuple

    @property
    def attack(self):
        """The attack."""
        return self.values[0]

    def of(self, axis):
        """The value of another axis."""
        return next(value for value in self.values if value.axis == axis)

    def __str__(self):
        return " ".join(f"{value.axis}={value.name}" for value in self.values)

    @property
    def hopeless(self):
        """True where the program's own verification stops the attack."""
        naming = self.of("naming")
        checks = self.of("verify").checks
        if not naming.options["verify_name"]:
            checks = checks - {"name"}
        if any(value.lax for value in self.values):
            checks = frozenset()
        return bool(self.attack.faults & (checks | naming.checks))

    @property
    def rejected(self):
        """True where the server's certificate is what the shim refuses."""
        proof, unknown = self.attack.proof, any(value.unknown for value in self.values)
        return proof == "certificate" or (proof == "session" and not unknown)

    @property
    def same_line(self):
        """True where the program sees no difference at all at the genuine server."""
        return all(value.same_line for value in self.values)

    @property
    def afterwards(self):
        """True where the program names whom it means only once the handshake is done."""
        return any(value.afterwards for value in self.values)

    @property
    def twice(self):
        """True where there is a connection to an unpinned name before."""
        return any(value.twice for value in self.values)


def cells(game):
    """The cells to run: all pairs of values, or with PINSHIM_MATRIX=full all triples."""
    full = os.environ.get("PINSHIM_MATRIX") == "full"
    axes = (game.attacks, *game.clients)
    found = [Cell(values) for values in covering.cover(axes, fits, 3 if full else 2, SEED)]
    slow = product.sanitizers() or processes.EMULATOR  # each run takes ten times as long
    most = 40 if slow else game.most
    if most and not full:
        found = found[:: max(1, len(found) // most)]
    return sorted(found, key=lambda cell: game.attacks.index(cell.attack))
