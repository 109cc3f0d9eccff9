"""docs/coverage.md: which programs are protected, and which aren't, is true of this machine."""

import glob
import pathlib
import re
import subprocess

import clients
import coverage_table
import gnutls_clients
import mail_clients
import nss_clients
import plugin_clients
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


def _linked(row):
    """The file that this machine has for a row, with what it needs; None where it has none."""
    found = glob.glob(row.file.strip("`"))
    if not found:
        return None
    done = subprocess.run(["ldd", found[0]], capture_output=True, text=True, check=False)
    return done.stdout


def vendor_s_node():
    """True where node brings an OpenSSL of its own."""
    return not web_clients.needs_openssl(web_clients.NODE)


@pytest.mark.parametrize("row", coverage_table.rows(), ids=lambda row: row.program)
def test_library_is_the_one_it_is_said_to_be(row):
    linked = _linked(row)
    if linked is None:
        pytest.skip(f"{row.file} is not installed")
    if row.program == "nodejs" and vendor_s_node():
        pytest.skip("nodejs is not Debian's")
    by_hand = "dlsym" in row.binding
    assert (LIBRARIES[row.library] in linked) != by_hand
    assert row.protected == "yes"


def test_every_program_that_is_tested_has_its_row(folder):
    """By the name of what is started."""
    rows = {coverage_table.name(row) for row in coverage_table.rows() if row.protected == "yes"}
    request = clients.Request("host", 1, "no-such-bundle", "secret", "1.3", folder)
    started = {pathlib.Path(client.arguments(request)[0]).name for client in CLIENTS}
    assert started <= rows


def test_every_protected_program_names_a_test():
    assert [
        row
        for row in coverage_table.rows()
        if row.protected == "yes" and not re.search(r"test_\w+", row.test)
    ] == []
