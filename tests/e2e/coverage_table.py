"""The tables of docs/coverage.md."""

import dataclasses
import functools
import re

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
    """Those of one table, known by its head: a column of programs, and how many columns it has."""
    text = (product.PROJECT / "docs" / "coverage.md").read_text(encoding="utf-8")
    width = len(dataclasses.fields(kind))
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        head, _, *lines = map(_cells, table.splitlines())
        if head[0] == "program" and len(head) == width:
            return [kind(*cells) for cells in lines]
    raise AssertionError(f"docs/coverage.md has no table of {width} columns")


def name(row):
    """What is started."""
    return row.program.split(" ")[0]


def doctor(program):
    """What the command says of a program: its exit status, and the object."""
    return examination.doctor(program, PATH=PATH)
