"""docs/coverage.md: which programs are protected, and which aren't, is true of this machine."""

import dataclasses
import functools
import glob
import pathlib
import re
import subprocess

import clients
import gnutls_clients
import mail_clients
import nss_clients
import plugin_clients
import product
import pytest
import service_clients
import web_clients

LIBRARIES = {"OpenSSL": "libssl.so.3", "GnuTLS": "libgnutls.so.30", "NSS": "libssl3.so"}
CLIENTS = (
    clients.CLIENTS
    + mail_clients.CLIENTS
    + service_clients.CLIENTS
    + web_clients.CLIENTS
    + gnutls_clients.CLIENTS
    + nss_clients.CLIENTS
    + plugin_clients.CLIENTS
)


@dataclasses.dataclass(frozen=True)
class Row:
    """A row of the table. `file` is a pattern: what is linked to the library."""

    program: str
    library: str
    file: str
    binding: str
    protected: str
    test: str


@functools.cache
def _rows():
    text = (product.PROJECT / "docs" / "coverage.md").read_text(encoding="utf-8")
    cells = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in text.splitlines()
        if line.startswith("| ")
    ]
    return [Row(*row) for row in cells[1:] if "---" not in row[0]]


def _linked(row):
    """The file that this machine has for a row, with what it needs; None where it has none."""
    found = glob.glob(row.file.strip("`"))
    if not found:
        return None
    done = subprocess.run(["ldd", found[0]], capture_output=True, text=True, check=False)
    return done.stdout


@pytest.mark.parametrize("row", _rows(), ids=lambda row: row.program)
def test_library_is_the_one_it_is_said_to_be(row):
    linked = _linked(row)
    if linked is None:
        pytest.skip(f"{row.file} is not installed")
    if row.program == "nodejs" and "libssl" not in linked:
        pytest.skip("nodejs is not Debian's")
    by_hand = "dlsym" in row.binding
    assert (LIBRARIES[row.library] in linked) != by_hand
    assert row.protected == "yes"


def test_every_program_that_is_tested_has_its_row(folder):
    """By the name of what is started."""
    rows = {row.program.split(" ")[0] for row in _rows() if row.protected == "yes"}
    request = clients.Request("host", 1, "bundle", "secret", "1.3", folder)
    started = {pathlib.Path(client.arguments(request)[0]).name for client in CLIENTS}
    assert started <= rows


def test_every_protected_program_names_a_test():
    assert [
        row for row in _rows() if row.protected == "yes" and not re.search(r"test_\w+", row.test)
    ] == []
