"""A resumed session shows no certificate: it counts only where proven for these names."""

import attacker
import clients
import pki
import policies
import pytest


every_version = pytest.mark.parametrize("tls", ("1.2", "1.3"))


every_kind = pytest.mark.parametrize(
    "tls, tickets",
    (("1.2", True), ("1.2", False), ("1.3", True)),
    ids=("1.2-ticket", "1.2-session-id", "1.3-ticket"),
)


every_import = pytest.mark.parametrize("resume", ("memory", "imported", "dup", "copy"))


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


def resumed(run):
    """Which of the connections were resumed."""
    return [line["reused"] for line in run.lines]


@every_kind
@pytest.mark.parametrize("resume", ("memory", "dup", "copy"))
@pytest.mark.parametrize("verify", ("none", "peer", "instead"))
def test_pinned_host_still_resumes(client_kit, certificates, policy, tls, tickets, resume, verify):
    for under in (None, policy):
        with attacker.Server(
            certificates.genuine, attacker.answer_lines, tickets=tickets
        ) as server:
            run = client_kit(
                server.port, policy=under, tls=tls, count=3, resume=resume, verify=verify
            )
            assert run.status == 0 and resumed(run) == ["0", "1", "1"], run
            assert [c.reused for c in server.finish()] == [False, True, True]
    assert policy.events() == []


@every_version
def test_session_of_one_name_proves_no_more_than_can_be_looked_at(
    client_kit, certificates, folder, tls
):
    policy = policies.write(
        folder,
        policies.entry(pki.PINNED, pins=[certificates.genuine.pin]),
        policies.entry("other.test", pins=[certificates.attacker.pin]),
    )
    many = ",".join([*(f"host{number}.test" for number in range(8)), "other.test"])
    settings = {"verify": "none", "count": 2, "resume": "memory", "then_verify_name": many}
    with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
        run = client_kit(server.port, policy=policy, tls=tls, **settings)
        assert [c.received for c in server.finish()] == [b"secret.1\n", b""]
    assert run.lines[0].connected and not run.lines[1].connected, run


@every_kind
@every_import
@pytest.mark.parametrize("verify", ("none", "peer"))
def test_session_of_an_unpinned_name_is_no_proof(
    client_kit, certificates, policy, tls, tickets, resume, verify
):
    names = {
        "sni": pki.UNPINNED,
        "verify_name": pki.UNPINNED,
        "then_sni": pki.PINNED,
        "then_verify_name": pki.PINNED,
    }
    with attacker.Server(certificates.attacker, attacker.answer_lines, tickets=tickets) as server:
        run = client_kit(server.port, tls=tls, count=2, resume=resume, verify=verify, **names)
        assert run.status == 0 and resumed(run) == ["0", "1"], run
        assert attacker.leaked(server.finish()) == b"secret.1\nsecret.2\n"
    with attacker.Server(certificates.attacker, attacker.answer_lines, tickets=tickets) as server:
        run = client_kit(
            server.port, policy=policy, tls=tls, count=2, resume=resume, verify=verify, **names
        )
        connections = server.finish()
    assert run.lines[0].connected and run.lines[1].refused_by_shim, run
    assert [c.received for c in connections] == [b"secret.1\n", b""]
    assert connections[1].alert == attacker.BAD_CERTIFICATE
    assert policy.event()["host"] == pki.PINNED


@every_kind
@pytest.mark.parametrize("drive", ("write", "connect"))
def test_a_thread_s_own_library_context(client_kit, certificates, policy, tls, tickets, drive):
    """What a library registers for its objects, OpenSSL keeps by library context."""
    settings = {
        "drive": drive,
        "tls": tls,
        "count": 2,
        "resume": "memory",
        "sni": pki.UNPINNED,
        "verify_name": pki.UNPINNED,
        "then_sni": pki.PINNED,
        "then_verify_name": pki.PINNED,
    }
    with attacker.Server(certificates.attacker, attacker.answer_lines, tickets=tickets) as server:
        run = client_kit(server.port, "--library-context", **settings)
        assert run.status == 0 and resumed(run) == ["0", "1"], run
        assert attacker.leaked(server.finish()) == b"secret.1\nsecret.2\n"
    with attacker.Server(certificates.attacker, attacker.answer_lines, tickets=tickets) as server:
        run = client_kit(server.port, "--library-context", policy=policy, **settings)
        assert run.lines[0].connected and run.lines[1].refused_by_shim, run
        assert [c.received for c in server.finish()] == [b"secret.1\n", b""]
    with attacker.Server(certificates.genuine, attacker.answer_lines, tickets=tickets) as server:
        run = client_kit(server.port, "--library-context", policy=policy, **settings)
        assert run.status == 0 and resumed(run) == ["0", "0"], run


@every_version
@every_import
def test_session_of_an_unpinned_name_costs_the_genuine_server_a_full_handshake(
    client_kit, certificates, policy, tls, resume
):
    with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
        run = client_kit(
            server.port,
            policy=policy,
            tls=tls,
            count=2,
            resume=resume,
            sni=pki.UNPINNED,
            verify_name=pki.UNPINNED,
            then_sni=pki.PINNED,
            then_verify_name=pki.PINNED,
        )
        assert run.status == 0 and resumed(run) == ["0", "0"], run
        assert not server.finish()[1].hello.offers_session
    assert policy.events() == []


@every_version
def test_imported_session_is_not_resumed_but_the_genuine_server_is_reached(
    client_kit, certificates, policy, tls
):
    with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
        assert resumed(client_kit(server.port, tls=tls, count=2, resume="imported")) == ["0", "1"]
        run = client_kit(server.port, policy=policy, tls=tls, count=2, resume="imported")
        assert run.status == 0 and resumed(run) == ["0", "0"], run
        assert attacker.leaked(server.finish()).endswith(b"secret.1\nsecret.2\n")


@every_version
@pytest.mark.parametrize("verify", ("none", "peer", "instead"))
def test_session_file_from_before_the_policy_is_no_proof(
    client_kit, certificates, policy, folder, tls, verify
):
    kept = folder / "session.pem"
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        assert client_kit(server.port, tls=tls, session_out=kept, verify=verify).status == 0
        without = client_kit(server.port, tls=tls, session_in=kept, verify=verify)
        assert without.line["reused"] == "1" and without.status == 0, without
        before = len(server.received())
        run = client_kit(server.port, policy=policy, tls=tls, session_in=kept, verify=verify)
        connections = server.finish()
    assert run.line.refused_by_shim, run
    assert before == len(b"secret.1\n" * 2) == len(attacker.leaked(connections))
    assert connections[2].alert == attacker.BAD_CERTIFICATE


@every_version
@pytest.mark.parametrize("verify", ("none", "peer", "instead"))
def test_cleared_and_used_again_for_the_pinned_name(client_kit, certificates, policy, tls, verify):
    """SSL_clear keeps the session of the connection before."""
    names = {
        "sni": pki.UNPINNED,
        "verify_name": pki.UNPINNED,
        "then_sni": pki.PINNED,
        "then_verify_name": pki.PINNED,
    }
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        run = client_kit(server.port, "--clear", tls=tls, count=2, verify=verify, **names)
        assert run.status == 0, run
        assert attacker.leaked(server.finish()) == b"secret.1\nsecret.2\n"
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        run = client_kit(
            server.port, "--clear", policy=policy, tls=tls, count=2, verify=verify, **names
        )
        connections = server.finish()
    assert [c.received for c in connections] == [b"secret.1\n", b""], run
    assert run.lines[1].refused_by_shim, run
    with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
        run = client_kit(
            server.port, "--clear", policy=policy, tls=tls, count=2, verify=verify, **names
        )
        assert run.status == 0, run
        assert attacker.leaked(server.finish()) == b"secret.1\nsecret.2\n"


@every_version
def test_used_again_after_a_refusal(client_kit, certificates, policy, tls):
    """With the same SSL: the man in the middle, then the genuine server, and vice versa."""
    with attacker.Server(certificates.attacker, attacker.answer_lines) as bad, attacker.Server(
        certificates.genuine, attacker.answer_lines
    ) as good:
        run = client_kit(bad.port, "--clear", policy=policy, tls=tls, count=2, then_port=good.port)
        assert run.lines[0].refused_by_shim and run.lines[1].connected, run
        run = client_kit(good.port, "--clear", policy=policy, tls=tls, count=2, then_port=bad.port)
        assert run.lines[0].connected and run.lines[1].refused_by_shim, run
        assert attacker.leaked(bad.finish()) == b""
        assert attacker.leaked(good.finish()) == b"secret.2\nsecret.1\n"


@every_version
def test_genuine_session_offered_to_the_man_in_the_middle(client_kit, certificates, policy, tls):
    with attacker.Server(certificates.genuine, attacker.answer_lines) as good, attacker.Server(
        certificates.attacker, attacker.answer_lines
    ) as bad:
        run = client_kit(
            good.port, policy=policy, tls=tls, count=2, then_port=bad.port, resume="memory"
        )
        assert run.lines[0].connected and run.lines[1].refused_by_shim, run
        assert attacker.leaked(good.finish()) == b"secret.1\n"
        assert attacker.leaked(bad.finish()) == b""


@every_version
@pytest.mark.parametrize("host, reused", ((pki.PINNED, False), (pki.UNPINNED, True)))
def test_python_s_sessions(certificates, policy, folder, tls, host, reused):
    """Python serialises its sessions: a pinned host costs a full handshake, and nothing else."""
    with attacker.Server(certificates.genuine) as server:
        done = clients.python_script(
            folder, certificates, "resumption", server.port, tls=tls, host=host
        )
        assert done.status == 0 and done.stdout == "False\nTrue\n", done
        done = clients.python_script(
            folder, certificates, "resumption", server.port, policy=policy, tls=tls, host=host
        )
        assert done.status == 0 and done.stdout == f"False\n{reused}\n", done
        assert [c.reused for c in server.finish()] == [False, True, False, reused]
    assert policy.events() == []
