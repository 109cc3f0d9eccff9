"""GnuTLS in every way that a client may use it: the verdict falls within gnutls_handshake."""

import attacker
import gnutls_kit
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


@gnutls_kit.every_version
@gnutls_kit.every_verification
def test_man_in_the_middle_is_ended_in_the_handshake(client, certificates, policy, verify, tls):
    run, connections = gnutls_kit.connect(client, certificates.attacker, verify=verify, tls=tls)
    assert run.status == 0 and b"secret.1\n" in attacker.leaked(connections), run
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        run = client(server.port, policy=policy, verify=verify, tls=tls)
        connections = server.finish()
    assert all(line.refused_by_shim for line in run.lines), run
    assert attacker.leaked(connections) == b""
    assert {c.alert for c in connections} == {attacker.BAD_CERTIFICATE}
    for event in policy.events():
        assert (event["verdict"], event["library"]) == ("pin-mismatch", "gnutls")
        assert (event["port"], event["served_chain"]) == (server.port, certificates.attacker.pins)


@gnutls_kit.every_version
@gnutls_kit.every_verification
@pytest.mark.parametrize("names", (gnutls_kit.UNNAMED, {}), ids=("unpinned", "pinned"))
def test_no_difference_is_seen(client, certificates, policy, verify, tls, names):
    """Not at another's server, where that isn't pinned, nor at the genuine one, where it is."""
    identity = certificates.attacker if names else certificates.genuine
    seen = []
    for under in (None, policy):
        run, connections = gnutls_kit.connect(
            client, identity, policy=under, verify=verify, tls=tls, **names
        )
        assert run.status == 0, run
        seen.append((run.finished.stdout, [connection.hello for connection in connections]))
    assert seen[0] == seen[1]
    assert policy.events() == []


@gnutls_kit.every_version
@gnutls_kit.every_verification
@pytest.mark.parametrize("above", ("intermediate", "root"))
def test_genuine_authority_is_pinned(client, certificates, folder, verify, tls, above):
    """The program's trust is enough: it is no proof, but what its own verification would rest on."""
    policy = policies.pinning(folder, getattr(certificates, above).pin)
    run, connections = gnutls_kit.connect(
        client, certificates.genuine, policy=policy, verify=verify, tls=tls
    )
    assert run.status == 0 and b"secret.1\n" in attacker.leaked(connections), run
    assert policy.events() == []


@gnutls_kit.every_version
@gnutls_kit.every_verification
@pytest.mark.parametrize("wrong", ("sent", "expired", "other-host", "bad-issuer"))
def test_pinned_authority_of_a_path_that_does_not_verify(
    client, certificates, folder, verify, tls, wrong
):
    c = certificates
    forged = {
        "sent": c.attacker.serving(c.attacker_root.certificate, c.root.certificate),
        "expired": c.intermediate.issue(valid=(-2 * pki.DAY, -pki.DAY)),
        "other-host": c.intermediate.issue(("elsewhere.example.test",)),
        "bad-issuer": c.genuine.issue().serving(*c.genuine.chain),
    }[wrong]
    policy = policies.pinning(folder, c.root.pin, trust=[c.root.certificate_file])
    run, connections = gnutls_kit.connect(client, forged, policy=policy, verify=verify, tls=tls)
    assert run.status == 1 and attacker.leaked(connections) == b"", run
    verdict = "pin-unverified" if wrong == "sent" else "pin-mismatch"  # was it shown at all?
    assert {event["verdict"] for event in policy.events()} <= {verdict}


@gnutls_kit.every_version
@pytest.mark.parametrize("verify", ("none", "after", "credentials-accepts"))
def test_configured_root_of_an_authority_that_the_program_does_not_trust(
    client, certificates, folder, verify, tls
):
    policy = policies.pinning(
        folder, certificates.root.pin, trust=[certificates.root.certificate_file]
    )
    lone = certificates.attacker_root.certificate_file
    run, connections = gnutls_kit.connect(
        client, certificates.genuine, policy=policy, verify=verify, tls=tls, ca=lone
    )
    assert policy.events() == []
    if verify != "after":
        gnutls_kit.assert_connected(run, connections)


@gnutls_kit.every_version
@gnutls_kit.every_verification
def test_failure_of_the_program_s_own_verification_stands(
    client, certificates, folder, verify, tls
):
    """Of a stranger's certificate whose key is pinned, no more and no less."""
    stranger = certificates.stranger_root.issue()
    policy = policies.pinning(folder, stranger.pin)
    seen = []
    for under in (None, policy):
        run, _ = gnutls_kit.connect(client, stranger, policy=under, verify=verify, tls=tls)
        seen.append((run.status, run.finished.stdout))
    assert seen[0] == seen[1]
    assert policy.events() == []


@gnutls_kit.every_version
def test_proxy_with_a_root_in_a_persona_may_inspect(client, certificates, folder, tls):
    proxy = policies.inspection_persona(certificates.attacker_root)
    policy = policies.pinning(folder, certificates.genuine.pin, personas=[proxy])
    gnutls_kit.assert_connected(
        *gnutls_kit.connect(client, certificates.attacker, policy=policy, tls=tls)
    )
    assert policy.event()["verdict"] == "proxy-match"
    assert policy.event()["verified_chain"][-1] == certificates.attacker_root.pin


@gnutls_kit.every_version
def test_proxy_s_root_need_not_be_one(client, certificates, folder, tls):
    """An intermediate authority of somebody's is an anchor, where the persona says so."""
    proxy = certificates.attacker_root.issue((), authority=True, common_name="Proxy")
    policy = policies.pinning(
        folder, certificates.genuine.pin, personas=[policies.inspection_persona(proxy)]
    )
    gnutls_kit.assert_connected(*gnutls_kit.connect(client, proxy.issue(), policy=policy, tls=tls))
    assert policy.event()["verdict"] == "proxy-match"


@gnutls_kit.every_version
def test_report_only_lets_it_happen(client, certificates, folder, tls):
    policy = policies.pinning(folder, certificates.genuine.pin, action="report")
    gnutls_kit.assert_connected(
        *gnutls_kit.connect(client, certificates.attacker, policy=policy, tls=tls)
    )
    assert policy.event()["event"] == "would-terminate"


@gnutls_kit.every_version
def test_unreadable_policy_refuses_every_handshake(client, certificates, folder, tls):
    bad = folder / "bad.cdb"
    bad.write_bytes(b"no policy")
    run, connections = gnutls_kit.connect(
        client, certificates.genuine, policy=bad, preload=True, tls=tls, **gnutls_kit.UNNAMED
    )
    gnutls_kit.assert_refused(run, connections)


@gnutls_kit.every_version
@pytest.mark.parametrize("options", (("--ignore-errors",), ("--ignore-errors", "--attach-again")))
@pytest.mark.parametrize("verify", ("none", "credentials-accepts"))
def test_refusal_sticks(client, certificates, policy, options, verify, tls):
    """A program that looks at no result, and shakes hands again, and gives it a new transport."""
    run, connections = gnutls_kit.connect(
        client, certificates.attacker, *options, policy=policy, verify=verify, tls=tls
    )
    gnutls_kit.assert_refused(run, connections)
    handshake, *sent = map(int, run.line["forced"].split(","))
    assert handshake == -348 and max(sent) < 0, run


@gnutls_kit.every_version
def test_verification_of_another_session_is_no_proof(client, certificates, folder, tls):
    """Meanwhile, of another server for the pinned host; this one's is for its own name alone."""
    policy = policies.pinning(folder, certificates.intermediate.pin)
    other = certificates.intermediate.issue((pki.UNPINNED,))
    settings = {"verify": "session-fetches", "tls": tls, "then_verify_name": pki.PINNED}
    with attacker.Server(certificates.genuine, attacker.answer_lines) as genuine:
        for under, status in ((None, 0), (policy, 1)):
            run, connections = gnutls_kit.connect(
                client,
                other,
                policy=under,
                verify_name=pki.UNPINNED,
                then_port=genuine.port,
                **settings,
            )
            assert run.status == status and len(run.lines) == 2, run
            assert (attacker.leaked(connections) == b"") == bool(under)
        genuine.finish()
    assert policy.event()["host"] == pki.PINNED


@gnutls_kit.every_version
@pytest.mark.parametrize("verify", ("none", "cert", "after", "credentials"))
def test_threads(client, certificates, policy, verify, tls):
    settings = {"policy": policy, "verify": verify, "tls": tls, "threads": 32}
    run, connections = gnutls_kit.connect(client, certificates.attacker, **settings)
    assert len(run.lines) == 32 and all(line.refused_by_shim for line in run.lines), run
    assert attacker.leaked(connections) == b""
    run, connections = gnutls_kit.connect(client, certificates.genuine, **settings)
    assert run.status == 0 and len(connections) == 32, run


@gnutls_kit.every_version
def test_session_whose_birth_was_not_seen(client, certificates, policy, folder, tls):
    """Its verify function can't be known, and stands; the verdict comes at the handshake's end."""
    settings = {"verify": "none", "tls": tls}
    run, connections = gnutls_kit.connect(
        client, certificates.attacker, "--unseen-birth", **settings
    )
    gnutls_kit.assert_connected(run, connections)
    run, connections = gnutls_kit.connect(
        client,
        certificates.attacker,
        "--unseen-birth",
        "--ignore-errors",
        policy=policy,
        **settings,
    )
    assert run.line.refused_by_shim and attacker.leaked(connections) == b"", run
    gnutls_kit.assert_connected(
        *gnutls_kit.connect(
            client, certificates.genuine, "--unseen-birth", policy=policy, **settings
        )
    )
    for names in ({}, gnutls_kit.UNNAMED):
        stranger = certificates.stranger_root.issue()
        pinned = policies.pinning(folder, stranger.pin)
        run, connections = gnutls_kit.connect(
            client, stranger, "--unseen-birth", policy=pinned, **settings, **names
        )
        assert run.status == 1 and attacker.leaked(connections) == b"", run
