"""macOS's library, run on Linux by a loader of the tests' own (tests/macos/loader), in programs for macOS.

What stands for dyld and libSystem is the loader; the TLS libraries are this machine's. `make macos` builds it all.
"""

import macos_kit
import matrix
import matrix_attacks
import matrix_clients
import matrix_play
import matrix_report
import pytest

pytestmark = pytest.mark.skipif(
    not (macos_kit.LOADER.exists() and macos_kit.LIBRARY.exists()),
    reason="make macos builds what this runs",
)

GAMES = (
    matrix.Game(
        matrix_report.MACOS + "openssl",
        matrix_attacks.ATTACKS,
        matrix_clients.CLIENTS,
        macos_kit.MacosKit,
        most=200,
    ),
)


@pytest.fixture(scope="session")
def stages(tmp_path_factory):
    """Servers, policies and the client of each library."""
    with matrix_play.stages(GAMES, tmp_path_factory) as made:
        yield made


@pytest.mark.parametrize("game, cells", matrix_play.groups(GAMES))
def test_cells(stages, game, cells, record_property):
    """Every attack and its twin, as for the library of Linux (test_matrix.py)."""
    matrix_play.play(stages[game.name], game, cells, record_property)
