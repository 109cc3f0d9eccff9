"""The attack matrix: every attack against every way of a client, beside its legitimate twin.

Of each cell four runs: the attack without the shim, in which it works (or the program stops it,
where the data say so); the attack with the shim, in which not one byte arrives and the program sees
an ordinary failure; and the twin, the same client at the genuine server, without and with the shim.
"""

import matrix
import matrix_play
import pytest


@pytest.fixture(scope="session")
def stages(tmp_path_factory):
    """Servers, policies and the client of each library."""
    with matrix_play.stages(matrix.GAMES, tmp_path_factory) as made:
        yield made


@pytest.mark.parametrize("game, cells", matrix_play.groups(matrix.GAMES))
def test_cells(stages, game, cells, record_property):
    matrix_play.play(stages[game.name], game, cells, record_property)
