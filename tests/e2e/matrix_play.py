"""How a cell of the attack matrix is played, and what must come of it: test_matrix.py says it."""

import contextlib
import json
import re

import matrix
import matrix_report
import matrix_stage
import pytest

CELLS_OF_A_TEST = 10


@contextlib.contextmanager
def stages(games, tmp_path_factory):
    """Servers, policies and the client of each game, by its name."""
    with contextlib.ExitStack() as stack:
        yield {
            game.name: stack.enter_context(
                matrix_stage.Stage(tmp_path_factory.mktemp("matrix"), game.kit)
            )
            for game in games
        }


def groups(games):
    """Some cells of one attack each: servers are started for an attack, not for a cell."""
    for game in games:
        cells = matrix.cells(game)
        for attack in game.attacks:
            own = [cell for cell in cells if cell.attack is attack]
            for start in range(0, len(own), CELLS_OF_A_TEST):
                group = own[start : start + CELLS_OF_A_TEST]
                name = f"{game.name}-{attack.name}-{start // CELLS_OF_A_TEST}"
                yield pytest.param(game, group, id=name)


def _is_open(cell, line):
    """True for a connection to an unpinned name."""
    return cell.twice and int(line["connection"]) % 1000 == 1


def _assert_ordinary_failure(cell, played, alert):
    """The certificate's, with its alert, where one was shown; else the library's own."""
    run = played.run
    assert run.status == 1, run
    if cell.attack.granted:  # the handshake that failed wasn't the first
        return
    pinned = [line for line in run.lines if not _is_open(cell, line)]
    assert pinned, run
    for line in pinned:
        assert not line.connected and line["received"] == "0", run
        if cell.rejected and not cell.afterwards:
            assert line.refused_by_shim, run
        else:
            assert line.failed_ordinarily, run
    if cell.rejected and not cell.afterwards:
        alerts = {c["reason"] for c in played.connections if c["handshake"] == "failed"}
        assert alerts == {alert.lower()}, (alerts, run)


def _comparable(cell, run):
    """What must not differ; how often to wait is up to the network."""
    fields = None if cell.same_line else run.LINE.OUTCOME
    said = []
    for line in run.lines:
        if not cell.same_line and int(line["connection"]) > 1000:
            continue  # a session is verified with the shim alone: so there is a connection inside
        line = {key: line[key] for key in fields or line}
        if "trace" in line:
            line["trace"] = re.sub(r"1002:-1:\w+;", "", line["trace"])
        said.append(line)
    return said


def _attack(stage, cell):
    """The bytes that leak without the shim, and with it."""
    without = stage.play(cell).leaked(cell.attack.granted)
    if cell.hopeless:
        assert without == 0, "the program's own verification doesn't stop the attack"
    else:
        assert without > 0, "the attack doesn't even work without the shim"
    played = stage.play(cell, shim=True)
    leaked = played.leaked(cell.attack.granted)
    assert leaked == 0, played.run
    if not cell.hopeless:
        _assert_ordinary_failure(cell, played, stage.alert)
    return without, leaked


def _twin(stage, cell):
    """The genuine server is reached, and the program can't tell that the shim is there."""
    without, under = (stage.play(cell, twin=True, shim=shim) for shim in (False, True))
    assert without.run.status == 0, ("the twin fails without the shim", without.run)
    assert under.run.status == 0, under.run
    data = under.data(nested=cell.same_line)
    assert data == without.data(nested=cell.same_line)
    assert matrix_stage.SECRET in "".join(data)
    assert _comparable(cell, under.run) == _comparable(cell, without.run)


def _tried(cell, what, *arguments):
    """What `what` gives, and the complaint where it fails."""
    try:
        return what(*arguments), None
    except AssertionError as error:
        return None, f"{what.__name__[1:]}: {cell}\n{error}"


def play(stage, game, cells, record_property):
    """Plays them all, and records what came of each; fails where one isn't as it must be."""
    failures = []
    for cell in cells:
        bytes_leaked, leak = _tried(cell, _attack, stage, cell)
        _, terminated = _tried(cell, _twin, stage, cell)
        failures += filter(None, (leak, terminated))
        names = {value.axis: value.name for value in cell.values} | {"library": game.name}
        without, under = bytes_leaked or (None, None)
        told = {"cell": names, "without": without, "under": under, "hopeless": cell.hopeless}
        record_property(matrix_report.NAME, json.dumps({**told, "twin": terminated is None}))
    assert not failures, f"{len(failures)} failures\n" + "\n\n".join(failures)
