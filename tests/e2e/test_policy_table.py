"""Rows of the policy table, each with a real program, a real server, and the policy as files."""

import os
import pathlib
import re

import attacker
import clients
import evidence
import kit
import pki
import policy_table
import processes
import product
import pytest

ROWS = policy_table.sample()
MACHINE_PROXY = re.compile(r"(?im)^\s*(export )?(https?|all)_proxy=")


def machine_has_proxy():
    """The proxy="auto" rows are about a machine without one."""
    settings = pathlib.Path("/etc/environment")
    return settings.exists() and bool(MACHINE_PROXY.search(settings.read_text()))


@pytest.fixture(scope="session")
def cast(certificates):
    """Whose certificates there are."""
    return evidence.Cast(certificates)


@pytest.fixture(scope="session")
def shown(cast):
    """The servers, by what they show."""
    with evidence.servers(cast) as servers:
        yield servers


def test_sample_is_spread_over_the_table():
    """Every value of every column is in it, with every verdict that it can have."""
    assert len(ROWS) >= 300
    table = policy_table.rows()
    assert len(table) == 9450
    every = set().union(*(row.pairs() for row in table))
    assert set().union(*(row.pairs() for row in ROWS)) == every


def is_strict(row):
    """curl may be as strict as it is by default, and is in half the rows."""
    believable = row.evidence in ("leaf-pinned", "sent-pinned-ca", "verified-pinned-ca")
    return (believable or row.evidence.startswith("verified-")) and row.choose(True, False)


def show_a_certificate(row, cast, shown, folder, policy):
    """curl: what becomes of it, and what the server gets."""
    client = clients.BY_NAME["curl" if is_strict(row) else "curl-insecure"]
    server = row.choose(*shown[row.evidence])
    tls = "1.2" if row.number % 2 else "1.3"
    request = clients.Request(pki.PINNED, server.port, cast.bundle, f"secret-{row.number}", tls)
    done = client.run(request, folder, policy, preload=row.choose(True, True, False))
    (connection,) = server.since_last()
    if row.violation == "yes":
        assert client.failed_as_usual(done), done
        assert connection.alert == attacker.BAD_CERTIFICATE
        assert connection.received == b""
    else:
        assert (done.status, done.stdout) == (0, attacker.BODY.decode()), done
        assert connection.received.endswith(b"\r\n\r\n" + request.secret.encode())


def show_none(row, folder, policy):
    """openssl with a pre-shared key."""
    words = ["openssl", "s_client", "-servername", pki.PINNED, "-quiet", "-no_ign_eof"]
    words += ["-psk", kit.PSK, row.choose("-tls1_2", "-tls1_3"), "-connect"]
    with kit.server(folder, psk=kit.PSK) as server:
        done = processes.run(
            [*product.under_shim(policy.path), *words, f"127.0.0.1:{server.port}"],
            env=product.environment(folder),
            stdin=f"secret-{row.number}\n",
        )
        (line,) = server.connections(1)
    if row.violation == "yes":
        assert done.status == 1, done
        assert (line["handshake"], line["bytes"]) == ("failed", "0"), line.text
    else:
        assert done.status == 0, done
        assert line["data"] == f"secret-{row.number}_", line.text


def check_events(row, policy):
    """The one that is due, and no other."""
    if not row.event:
        assert policy.events() == []
        return
    event = policy.event()
    assert (event["event"], event["verdict"]) == (row.event, row.verdict)
    assert (event["host"], event["rule"]) == (pki.PINNED, pki.PINNED)
    assert event["service"] == row.config_service


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_row(row, cast, shown, folder):
    if row.local_proxy != "never" and os.geteuid() != 0:
        pytest.skip("local roots must be root's")
    if row.local_proxy == "no-proxy" and machine_has_proxy():
        pytest.skip("this machine has a proxy")
    pins = cast.pins(row.evidence)
    trust = None if is_strict(row) else [cast.certificates.root.certificate_file]
    policy = policy_table.policy_of(folder, row, pins, cast, trust)
    if row.evidence == evidence.NONE:
        show_none(row, folder, policy)
    else:
        show_a_certificate(row, cast, shown, folder, policy)
    check_events(row, policy)
