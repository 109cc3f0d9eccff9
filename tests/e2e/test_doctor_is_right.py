"""What `pinshim doctor` says of real programs, beside what a man in the middle gets of each."""

import pathlib
import shutil

import attacker
import coverage_table
import processes
import product
import pytest
import test_coverage
import unreached_clients
from test_protocols import Meeting, unavailable


def _one_of_each():
    """A client of each program: the last of its kind, which believes any certificate if it can."""
    return list({client.name.split("-")[0]: client for client in test_coverage.CLIENTS}.values())


def _started(meeting, port=1):
    """The program that the client is."""
    return str(meeting.client.arguments(meeting.request(port))[0])


@pytest.mark.parametrize("client", _one_of_each(), ids=lambda client: client.name)
def test_what_is_called_protectable_gives_nothing_away(client, certificates, folder):
    """With TLS in its files, or none so far (a plug-in's, or a program's that it starts)."""
    if unavailable(client):
        pytest.skip(unavailable(client))
    meeting = Meeting(client, certificates, folder)
    program = _started(meeting)
    status, found = coverage_table.doctor(program)
    assert (status, found["protectable"], found["why"]) == (0, True, None)
    name = pathlib.Path(program).name
    said = {row.doctor for row in coverage_table.rows() if coverage_table.name(row) == name}
    assert said == {found["state"]}
    meeting.assert_delivers(meeting.attacker)
    meeting.assert_terminated(meeting.pinning())


@pytest.mark.parametrize("client", unreached_clients.CLIENTS, ids=lambda client: client.name)
def test_what_is_called_unreachable_gives_all_away(client, certificates, folder):
    """`pinshim run` doesn't start it; if made to, the man in the middle has the secret."""
    if unreached_clients.absent(client):
        pytest.skip(unreached_clients.absent(client))
    meeting = Meeting(client, certificates, folder)
    policy = meeting.pinning()
    with client.dialogue.server(meeting.attacker) as server:
        words = client.arguments(meeting.request(server.port))
        status, found = coverage_table.doctor(words[0])
        assert (status, found["state"], found["protectable"]) == (1, "no", False)
        under = product.under_shim(policy.path)
        refused = processes.run([*under, *words], env=product.environment(folder))
        assert refused.status == 126 and found["why"] in refused.stderr
        anyway = [*under[:-1], "--best-effort", "--", *words]
        stdin = client.stdin(meeting.request(server.port)) if client.stdin else ""
        done = processes.run(anyway, env=unreached_clients.environment(meeting), stdin=stdin)
        leaked = attacker.leaked(server.finish())
    assert meeting.secret.encode() in leaked, done
    assert found["why"] in done.stderr and policy.events() == []
    (row,) = [
        row for row in coverage_table.rows(coverage_table.Unreached) if row.program == client.name
    ]
    assert found["why"] == row.doctor.removeprefix("no: ")


@pytest.mark.parametrize("row", coverage_table.rows(), ids=lambda row: row.program)
def test_doctor_says_what_the_table_says(row):
    program = coverage_table.name(row)
    if not shutil.which(program, path=coverage_table.PATH):
        pytest.skip(f"{program} is not installed")
    if program == "nodejs" and test_coverage.vendor_s_node():
        pytest.skip("nodejs is not Debian's")
    assert coverage_table.doctor(program)[1]["state"] == row.doctor
