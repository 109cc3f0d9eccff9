"""What the attack matrix says when it has been played: a line, and a table for who asks."""

import collections
import json
import os

NAME = "matrix"  # of the property that a test records for each of its cells
MACOS = "macos-"  # a game's name begins so where macOS's library plays it


def told(reports):
    """Every cell that was played, whichever worker played it."""
    return [
        json.loads(value)
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == NAME
    ]


def summary(cells, title="attack matrix"):
    """One line."""
    leaked = sum(cell["under"] or 0 for cell in cells)
    without = sum(cell["without"] or 0 for cell in cells)
    open_cells = sum(not cell["hopeless"] and bool(cell["without"]) for cell in cells)
    stopped = sum(cell["hopeless"] for cell in cells)
    unplayed = sum(cell["under"] is None for cell in cells)
    terminated = sum(not cell["twin"] for cell in cells)
    return (
        f"{title}: {len(cells)} cells; "
        f"without the shim {without} bytes leak in {open_cells}, the program stops {stopped}; "
        f"with it {leaked} bytes leak, {terminated} legitimate twins are terminated or differ, "
        f"{unplayed} cells failed"
    )


def table(cells):
    """Bytes leaked with the shim, attacks by ways of the client; '.' where no cell has both."""
    attacks = list(dict.fromkeys(cell["cell"]["attack"] for cell in cells))
    leaked = collections.defaultdict(int)
    ways = dict.fromkeys(
        (axis, name) for cell in cells for axis, name in cell["cell"].items() if axis != "attack"
    )
    for cell in cells:
        for way in cell["cell"].items():
            leaked[cell["cell"]["attack"], way] += cell["under"] or 0
    yield from (f"{number:>4} {attack}" for number, attack in enumerate(attacks, 1))
    yield " " * 32 + "".join(f"{number:>4}" for number in range(1, len(attacks) + 1))
    for axis, name in sorted(ways):
        row = (leaked.get((attack, (axis, name)), ".") for attack in attacks)
        yield f"{axis + ' ' + name:<32}" + "".join(f"{entry:>4}" for entry in row)


def lines(reports):
    """What to print at the end of a run; nothing where no cell was played."""
    cells = told(reports)
    if not cells:
        return []
    wanted = os.environ.get("PINSHIM_MATRIX_TABLE")
    macos = [cell for cell in cells if cell["cell"]["library"].startswith(MACOS)]
    linux = [cell for cell in cells if cell not in macos]
    said = [summary(linux)] if linux else []
    if macos:
        said.append(summary(macos, "attack matrix, macOS's library by the loader"))
    return [*(table(cells) if wanted else ()), *said]
