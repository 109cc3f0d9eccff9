"""GnuTLS: sessions and early data count only where proven."""

import attacker
import gnutls_kit
import kit
import pki
import policies
import pytest


@pytest.fixture
def client(certificates, folder):
    """Runs the C client."""
    return gnutls_kit.Kit(folder, certificates)


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


def resumed(run):
    """Which of the connections were resumed."""
    return [line["reused"] for line in run.lines]


@gnutls_kit.every_version
@pytest.mark.parametrize("options", ((), ("--offer-first",)), ids=("names-first", "session-first"))
@pytest.mark.parametrize("verify", ("none", "cert", "after"))
def test_session_of_an_unpinned_name_is_no_proof(
    client, certificates, policy, options, verify, tls
):
    then = {"then_sni": pki.PINNED, "then_verify_name": pki.PINNED}
    settings = {
        "count": 2,
        "resume": "memory",
        "verify": verify,
        "tls": tls,
        **gnutls_kit.UNNAMED,
        **then,
    }
    run, connections = gnutls_kit.connect(client, certificates.attacker, *options, **settings)
    assert run.status == 0 and resumed(run) == ["0", "1"], run
    run, connections = gnutls_kit.connect(
        client, certificates.attacker, *options, policy=policy, **settings
    )
    assert run.lines[0].connected and run.lines[1].refused_by_shim, run
    assert [c.received for c in connections] == [b"secret.1\n", b""]
    assert connections[1].alert == attacker.BAD_CERTIFICATE
    run, _ = gnutls_kit.connect(client, certificates.genuine, *options, policy=policy, **settings)
    assert run.status == 0 and resumed(run) == ["0", "0"], run


@gnutls_kit.every_version
@pytest.mark.parametrize("options", ((), ("--offer-first",)), ids=("names-first", "session-first"))
@pytest.mark.parametrize(
    "names, reused", ((gnutls_kit.UNNAMED, "1"), ({}, "0")), ids=("unpinned", "pinned")
)
def test_pinned_hosts_alone_do_not_resume(
    client, certificates, policy, options, names, reused, tls
):
    settings = {"count": 3, "resume": "memory", "tls": tls, **names}
    run, _ = gnutls_kit.connect(client, certificates.genuine, *options, policy=policy, **settings)
    assert run.status == 0 and resumed(run) == ["0", reused, reused], run
    assert policy.events() == []


@gnutls_kit.every_version
@pytest.mark.parametrize("options", ((), ("--offer-first",)))
def test_session_without_any_name(client, certificates, policy, options, tls):
    """Whose it is may show in its leaf alone, which can't be seen before it is resumed."""
    names = {"sni": None, "verify_name": None, "verify": "none", "count": 3, "resume": "memory"}
    run, connections = gnutls_kit.connect(
        client, certificates.genuine, *options, policy=policy, tls=tls, **names
    )
    assert run.status == 0 and resumed(run) == ["0", "0", "0"], run
    other = certificates.attacker_root.issue(("elsewhere.example.test",))
    run, connections = gnutls_kit.connect(client, other, *options, policy=policy, tls=tls, **names)
    assert run.status == 0 and resumed(run) == ["0", "1", "1"], run
    assert policy.events() == []


@gnutls_kit.every_version
def test_what_is_no_session_is_said_to_be_none(client, certificates, policy, folder, tls):
    """Bytes that the library refuses: with the names set, and before them."""
    junk = folder / "junk"
    junk.write_bytes(b"no session at all")
    for options in ((), ("--offer-first",)):
        seen = [
            gnutls_kit.connect(
                client, certificates.genuine, *options, policy=p, session_in=junk, tls=tls
            )[0].finished.stdout
            for p in (None, policy)
        ]
        assert seen[0] == seen[1]


@gnutls_kit.every_version
def test_session_file_from_before_the_policy_is_no_proof(client, certificates, policy, folder, tls):
    kept = folder / "session"
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        assert client(server.port, session_out=kept, tls=tls).status == 0
        without = client(server.port, session_in=kept, tls=tls)
        assert without.status == 0 and resumed(without) == ["1"], without
        before = len(server.received())
        run = client(server.port, policy=policy, session_in=kept, tls=tls)
        connections = server.finish()
    assert run.line.refused_by_shim, run
    assert before == len(attacker.leaked(connections))


def test_early_data_waits_for_the_proof(client, certificates, policy, folder):
    then = {"then_sni": pki.PINNED, "then_verify_name": pki.PINNED}
    settings = {"tls": "1.3", "drive": "early_data", "count": 2, "resume": "memory"}
    settings |= {"verify": "none", **gnutls_kit.UNNAMED, **then}
    with kit.server(folder, certificates.attacker, "--early-data") as server:
        run = client(server.port, **settings)
        assert run.status == 0, run
        assert int(server.connections(2)[1]["early"]) == len("secret.2\n")
    with kit.server(folder, certificates.attacker, "--early-data") as server:
        run = client(server.port, policy=policy, **settings)
        second = server.connections(2)[1]
    assert run.lines[1].refused_by_shim, run
    assert (second["early"], second["bytes"]) == ("0", "0")
    with kit.server(folder, certificates.genuine, "--early-data") as server:
        run = client(server.port, policy=policy, **settings)
        assert run.status == 0 and server.connections(2)[1]["data"] == "secret.2_", run


NAMELESS = {"sni": None, "verify_name": None}


@pytest.mark.parametrize("options", ((), ("--offer-first",)))
@pytest.mark.parametrize("names", ({"then_sni": pki.UNPINNED, **gnutls_kit.UNNAMED}, NAMELESS))
def test_early_data_to_a_host_that_is_not_pinned(
    client, certificates, policy, folder, names, options
):
    """Also where the session is offered before the names are told, or none is."""
    settings = {"tls": "1.3", "drive": "early_data", "count": 2, "resume": "memory"}
    other = certificates.attacker_root.issue(("elsewhere.example.test",))
    seen = []
    for shim in (None, policy):
        with kit.server(folder, other, "--early-data") as server:
            run = client(server.port, *options, policy=shim, verify="none", **settings, **names)
            assert run.status == 0, run
            seen.append((run.finished.stdout, server.connections(2)[1]["early"]))
    assert seen[0] == seen[1] and seen[0][1] == str(len("secret.2\n")), seen
    assert policy.events() == []
