"""The tables of docs/coverage.md."""

import dataclasses
import functools

import examination
import product

PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/apt"


@dataclasses.dataclass(frozen=True)
class Row:
    """A program that is protected. `file` is a pattern: what is linked to the library."""

    program: str
    library: str
    file: str
    binding: str
    doctor: str
    protected: str
    test: str


@dataclasses.dataclass(frozen=True)
class Unreached:
    """A program that isn't."""

    program: str
    tls: str
    doctor: str
    got: str


def _cells(line):
    return [cell.strip() for cell in line.strip("|").split(" | ")]


@functools.cache
def rows(kind=Row):
    """Those of one table, known by how many columns it has."""
    text = (product.PROJECT / "docs" / "coverage.md").read_text(encoding="utf-8")
    lines = [_cells(line) for line in text.splitlines() if line.startswith("| ")]
    width = len(dataclasses.fields(kind))
    found = [kind(*cells) for cells in lines if len(cells) == width and "---" not in cells[0]]
    return found[1:]


def name(row):
    """What is started."""
    return row.program.split(" ")[0]


def doctor(program):
    """What the command says of a program: its exit status, and the object."""
    return examination.doctor(program, PATH=PATH)
