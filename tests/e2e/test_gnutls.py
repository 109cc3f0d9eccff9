"""GnuTLS in every way that a client may use it: the verdict falls within gnutls_handshake."""

import attacker
import gnutls_kit
import kit
import pki
import policies
import pytest

every_version = pytest.mark.parametrize("tls", ("1.2", "1.3"))
every_verification = pytest.mark.parametrize("verify", gnutls_kit.VERIFICATIONS)
UNNAMED = {"sni": pki.UNPINNED, "verify_name": pki.UNPINNED}
PSK = "000102030405060708090a0b0c0d0e0f"


@pytest.fixture
def client(certificates, folder):
    """Runs the C client."""
    return gnutls_kit.Kit(folder, certificates)


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


def connect(client, identity, *options, policy=None, **settings):
    """A run of the client against a server with this identity; and what that saw."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        run = client(server.port, *options, policy=policy, **settings)
        return run, server.finish()


def assert_refused(run, connections):
    """An ordinary certificate failure, alert 42, not one byte."""
    assert run.line.refused_by_shim and run.status == 1, run
    assert attacker.leaked(connections) == b"" and not connections[0].handshake
    assert connections[0].alert == attacker.BAD_CERTIFICATE


def assert_connected(run, connections):
    assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run


@every_version
@every_verification
def test_man_in_the_middle_is_ended_in_the_handshake(client, certificates, policy, verify, tls):
    run, connections = connect(client, certificates.attacker, verify=verify, tls=tls)
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


@every_version
@every_verification
@pytest.mark.parametrize("names", (UNNAMED, {}), ids=("unpinned", "pinned"))
def test_no_difference_is_seen(client, certificates, policy, verify, tls, names):
    """Not at another's server, where that isn't pinned, nor at the genuine one, where it is."""
    identity = certificates.attacker if names else certificates.genuine
    seen = []
    for under in (None, policy):
        run, connections = connect(client, identity, policy=under, verify=verify, tls=tls, **names)
        assert run.status == 0, run
        seen.append((run.finished.stdout, [connection.hello for connection in connections]))
    assert seen[0] == seen[1]
    assert policy.events() == []


@every_version
@every_verification
@pytest.mark.parametrize("above", ("intermediate", "root"))
def test_genuine_authority_is_pinned(client, certificates, folder, verify, tls, above):
    """The program's trust is enough: it is no proof, but what its own verification would rest on."""
    policy = policies.pinning(folder, getattr(certificates, above).pin)
    run, connections = connect(client, certificates.genuine, policy=policy, verify=verify, tls=tls)
    assert run.status == 0 and b"secret.1\n" in attacker.leaked(connections), run
    assert policy.events() == []


@every_version
@every_verification
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
    run, connections = connect(client, forged, policy=policy, verify=verify, tls=tls)
    assert run.status == 1 and attacker.leaked(connections) == b"", run
    verdict = "pin-unverified" if wrong == "sent" else "pin-mismatch"  # was it shown at all?
    assert {event["verdict"] for event in policy.events()} <= {verdict}


@every_version
@pytest.mark.parametrize("verify", ("none", "after", "credentials-accepts"))
def test_configured_root_of_an_authority_that_the_program_does_not_trust(
    client, certificates, folder, verify, tls
):
    policy = policies.pinning(
        folder, certificates.root.pin, trust=[certificates.root.certificate_file]
    )
    lone = certificates.attacker_root.certificate_file
    run, connections = connect(
        client, certificates.genuine, policy=policy, verify=verify, tls=tls, ca=lone
    )
    assert policy.events() == []
    if verify != "after":
        assert_connected(run, connections)


@every_version
@every_verification
def test_failure_of_the_program_s_own_verification_stands(
    client, certificates, folder, verify, tls
):
    """Of a stranger's certificate whose key is pinned, no more and no less."""
    stranger = certificates.stranger_root.issue()
    policy = policies.pinning(folder, stranger.pin)
    seen = []
    for under in (None, policy):
        run, _ = connect(client, stranger, policy=under, verify=verify, tls=tls)
        seen.append((run.status, run.finished.stdout))
    assert seen[0] == seen[1]
    assert policy.events() == []


@every_version
def test_proxy_with_a_root_in_a_persona_may_inspect(client, certificates, folder, tls):
    proxy = policies.inspection_persona(certificates.attacker_root)
    policy = policies.pinning(folder, certificates.genuine.pin, personas=[proxy])
    assert_connected(*connect(client, certificates.attacker, policy=policy, tls=tls))
    assert policy.event()["verdict"] == "proxy-match"
    assert policy.event()["verified_chain"][-1] == certificates.attacker_root.pin


@every_version
def test_proxy_s_root_need_not_be_one(client, certificates, folder, tls):
    """An intermediate authority of somebody's is an anchor, where the persona says so."""
    proxy = certificates.attacker_root.issue((), authority=True, common_name="Proxy")
    policy = policies.pinning(
        folder, certificates.genuine.pin, personas=[policies.inspection_persona(proxy)]
    )
    assert_connected(*connect(client, proxy.issue(), policy=policy, tls=tls))
    assert policy.event()["verdict"] == "proxy-match"


@every_version
def test_report_only_lets_it_happen(client, certificates, folder, tls):
    policy = policies.pinning(folder, certificates.genuine.pin, action="report")
    assert_connected(*connect(client, certificates.attacker, policy=policy, tls=tls))
    assert policy.event()["event"] == "would-terminate"


@every_version
def test_unreadable_policy_refuses_every_handshake(client, certificates, folder, tls):
    bad = folder / "bad.cdb"
    bad.write_bytes(b"no policy")
    run, connections = connect(
        client, certificates.genuine, policy=bad, preload=True, tls=tls, **UNNAMED
    )
    assert_refused(run, connections)


@every_version
@pytest.mark.parametrize("options", (("--ignore-errors",), ("--ignore-errors", "--attach-again")))
@pytest.mark.parametrize("verify", ("none", "credentials-accepts"))
def test_refusal_sticks(client, certificates, policy, options, verify, tls):
    """A program that looks at no result, and shakes hands again, and gives it a new transport."""
    run, connections = connect(
        client, certificates.attacker, *options, policy=policy, verify=verify, tls=tls
    )
    assert_refused(run, connections)
    handshake, *sent = map(int, run.line["forced"].split(","))
    assert handshake == -348 and max(sent) < 0, run


@every_version
@pytest.mark.parametrize("drive", ("descriptor", "functions"))
@pytest.mark.parametrize("options", ((), ("--nonblocking",)))
def test_name_that_is_asked_for_once_connected(client, certificates, policy, drive, options, tls):
    """Sent is another: the handshake passes, and what is left of it is of no use to anybody."""
    settings = {"sni": pki.UNPINNED, "verify": "after", "drive": drive, "tls": tls}
    run, connections = connect(client, certificates.attacker, *options, **settings)
    assert_connected(run, connections)
    run, connections = connect(client, certificates.attacker, *options, policy=policy, **settings)
    assert run.status == 1 and attacker.leaked(connections) == b"", run
    assert policy.event()["host"] == pki.PINNED
    assert_connected(*connect(client, certificates.genuine, *options, policy=policy, **settings))


@every_version
@pytest.mark.parametrize("pinned", (False, True), ids=("unpinned", "pinned"))
@pytest.mark.parametrize("then", (pki.PINNED, pki.UNPINNED))
@pytest.mark.parametrize("verify", ("lent-name", "lent-data"))
def test_what_is_to_be_verified_lasts_for_the_handshake(
    client, certificates, policy, verify, then, pinned, tls
):
    """The library keeps pointers to it, and reads it in handshakes alone; so a later verification reads none of it."""
    name = pki.PINNED if pinned else pki.UNPINNED
    settings = {
        "sni": None,
        "verify_name": name,
        "verify": verify,
        "then_verify_name": then,
        "tls": tls,
    }
    for under in (None, policy):
        assert_connected(*connect(client, certificates.genuine, policy=under, **settings))
    assert policy.events() == []


@every_version
def test_name_in_unicode_is_the_one_that_is_sent(client, certificates, folder, tls):
    name, sent = "bücher.maas360.test", "xn--bcher-kva.maas360.test"
    genuine = certificates.intermediate.issue((sent,), key=certificates.genuine.key)
    policy = policies.pinning(folder, genuine.pin, name=sent)
    forged = certificates.attacker_root.issue((sent,))
    names = {"sni": name, "verify_name": name, "tls": tls}
    assert_connected(*connect(client, forged, **names))
    assert_refused(*connect(client, forged, policy=policy, **names))
    assert_connected(*connect(client, genuine, policy=policy, **names))
    assert policy.event()["host"] == sent


@every_version
@pytest.mark.parametrize("names", ({}, {"verify_name": "127.0.0.1"}), ids=("none", "address"))
def test_peer_without_a_name(client, certificates, folder, names, tls):
    policy = policies.pinning(folder, certificates.genuine.pin, name="127.0.0.1")
    names = {"sni": None, "verify_name": None, "verify": "none", "tls": tls, **names}
    assert_connected(*connect(client, certificates.attacker, **names))
    assert_refused(*connect(client, certificates.attacker, policy=policy, **names))
    assert_connected(*connect(client, certificates.genuine, policy=policy, **names))


@every_version
@pytest.mark.parametrize("drive", ("descriptor", "functions"))
def test_peer_that_only_its_leaf_names(client, certificates, policy, drive, tls):
    names = {"sni": None, "verify_name": None, "verify": "none", "tls": tls, "drive": drive}
    assert_refused(*connect(client, certificates.attacker, policy=policy, **names))
    assert_connected(*connect(client, certificates.genuine, policy=policy, **names))


def resumed(run):
    """Which of the connections were resumed."""
    return [line["reused"] for line in run.lines]


@every_version
@pytest.mark.parametrize("options", ((), ("--offer-first",)), ids=("names-first", "session-first"))
@pytest.mark.parametrize("verify", ("none", "cert", "after"))
def test_session_of_an_unpinned_name_is_no_proof(
    client, certificates, policy, options, verify, tls
):
    then = {"then_sni": pki.PINNED, "then_verify_name": pki.PINNED}
    settings = {"count": 2, "resume": "memory", "verify": verify, "tls": tls, **UNNAMED, **then}
    run, connections = connect(client, certificates.attacker, *options, **settings)
    assert run.status == 0 and resumed(run) == ["0", "1"], run
    run, connections = connect(client, certificates.attacker, *options, policy=policy, **settings)
    assert run.lines[0].connected and run.lines[1].refused_by_shim, run
    assert [c.received for c in connections] == [b"secret.1\n", b""]
    assert connections[1].alert == attacker.BAD_CERTIFICATE
    run, _ = connect(client, certificates.genuine, *options, policy=policy, **settings)
    assert run.status == 0 and resumed(run) == ["0", "0"], run


@every_version
@pytest.mark.parametrize("options", ((), ("--offer-first",)), ids=("names-first", "session-first"))
@pytest.mark.parametrize("names, reused", ((UNNAMED, "1"), ({}, "0")), ids=("unpinned", "pinned"))
def test_pinned_hosts_alone_do_not_resume(
    client, certificates, policy, options, names, reused, tls
):
    settings = {"count": 3, "resume": "memory", "tls": tls, **names}
    run, _ = connect(client, certificates.genuine, *options, policy=policy, **settings)
    assert run.status == 0 and resumed(run) == ["0", reused, reused], run
    assert policy.events() == []


@every_version
@pytest.mark.parametrize("options", ((), ("--offer-first",)))
def test_session_without_any_name(client, certificates, policy, options, tls):
    """Whose it is may show in its leaf alone, which can't be seen before it is resumed."""
    names = {"sni": None, "verify_name": None, "verify": "none", "count": 3, "resume": "memory"}
    run, connections = connect(
        client, certificates.genuine, *options, policy=policy, tls=tls, **names
    )
    assert run.status == 0 and resumed(run) == ["0", "0", "0"], run
    other = certificates.attacker_root.issue(("elsewhere.example.test",))
    run, connections = connect(client, other, *options, policy=policy, tls=tls, **names)
    assert run.status == 0 and resumed(run) == ["0", "1", "1"], run
    assert policy.events() == []


@every_version
def test_what_is_no_session_is_said_to_be_none(client, certificates, policy, folder, tls):
    """Bytes that the library refuses: with the names set, and before them."""
    junk = folder / "junk"
    junk.write_bytes(b"no session at all")
    for options in ((), ("--offer-first",)):
        seen = [
            connect(client, certificates.genuine, *options, policy=p, session_in=junk, tls=tls)[
                0
            ].finished.stdout
            for p in (None, policy)
        ]
        assert seen[0] == seen[1]


@every_version
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
    settings |= {"verify": "none", **UNNAMED, **then}
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
@pytest.mark.parametrize("names", ({"then_sni": pki.UNPINNED, **UNNAMED}, NAMELESS))
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


_SECRETS = {
    "psk-1.2": ({"psk": PSK}, {"psk": PSK}, "1.2"),
    "psk-1.3": ({"psk": PSK}, {"psk": PSK, "ciphersuites": "TLS_AES_128_GCM_SHA256"}, "1.3"),
    "srp": ({"srp": "password"}, {"srp": "password", "ciphers": "aSRP"}, "1.2"),
    "anonymous": ({}, {}, "1.2"),
}


@pytest.mark.parametrize("secret", _SECRETS)
@pytest.mark.parametrize("options", ((), ("--ignore-errors", "--attach-again")))
@pytest.mark.parametrize("credentials", ((), ("--no-credentials",)))
def test_without_a_certificate(client, policy, folder, secret, options, credentials):
    """As if the two had nothing in common: the library's error, and its alert."""
    client_settings, server_settings, tls = _SECRETS[secret]
    options = (*options, *credentials, *(("--anonymous",) if secret == "anonymous" else ()))
    settings = {"tls": tls, "verify": "none", **client_settings}
    with kit.server(folder, **server_settings) as server:
        run = client(server.port, *options, **settings)
        assert run.status == 0 and server.leaked(1) > 0, run
        run = client(server.port, *options, **settings, **UNNAMED, policy=policy)
        assert run.status == 0, run
        run = client(server.port, *options, policy=policy, **settings)
        refused = server.connections(3)[2]
    assert run.status == 1 and run.line.failed_ordinarily and run.line["served"] == "0", run
    assert (refused["bytes"], refused["handshake"]) == ("0", "failed")
    assert policy.event()["verdict"] == "no-certificate"


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
def test_secret_beside_a_certificate(client, certificates, policy, folder, tls):
    """A genuine server that takes either is reached, by its certificate."""
    suites = {"ciphersuites": "TLS_AES_128_GCM_SHA256"}
    with kit.server(folder, certificates.genuine, psk=PSK, **suites) as server:
        without = client(server.port, psk=PSK, tls=tls, verify="none")
        assert without.status == 0, without
        run = client(server.port, policy=policy, psk=PSK, tls=tls)
        assert run.status == 0 and int(run.line["served"]) > 0, run
    assert policy.events() == []


def test_false_start_and_then_another_certificate(client, certificates, policy, folder):
    """The end of a handshake with a false start comes with the first read, in several calls."""
    options = ("--renegotiate", "--nonblocking")
    settings = {"tls": "1.2", "verify": "none", "drive": "false_start"}
    with kit.server(folder, certificates.genuine, then=certificates.attacker) as server:
        run = client(server.port, *options, **settings)
        assert run.status == 0 and server.leaked(1) == 2 * len("secret.1\n"), run
        run = client(server.port, *options, policy=policy, **settings)
        refused = server.connections(2)[1]
    assert run.status == 1 and refused["data"] == "secret.1_", run


@every_verification
def test_renegotiation_with_another_certificate(client, certificates, policy, folder, verify):
    """TLS 1.2, and a client that allows it."""
    if verify == "session-connects":
        pytest.skip("its other connection renegotiates, too")
    both = {"then": certificates.attacker}
    options = ("--renegotiate",)
    with kit.server(folder, certificates.genuine, **both) as server:
        run = client(server.port, *options, tls="1.2", verify=verify)
        assert run.status == 0 and server.leaked(1) == 2 * len("secret.1\n"), run
        run = client(server.port, *options, policy=policy, tls="1.2", verify=verify)
        refused = server.connections(2)[1]
    assert run.status == 1 and run.line["error"] == "-348", run
    assert refused["data"] == "secret.1_"
    with kit.server(folder, certificates.genuine, then=certificates.genuine) as server:
        run = client(server.port, *options, policy=policy, tls="1.2", verify=verify)
        assert run.status == 0 and server.leaked(1) == 2 * len("secret.1\n"), run


@every_version
def test_verification_of_another_session_is_no_proof(client, certificates, folder, tls):
    """Meanwhile, of another server for the pinned host; this one's is for its own name alone."""
    policy = policies.pinning(folder, certificates.intermediate.pin)
    other = certificates.intermediate.issue((pki.UNPINNED,))
    settings = {"verify": "session-fetches", "tls": tls, "then_verify_name": pki.PINNED}
    with attacker.Server(certificates.genuine, attacker.answer_lines) as genuine:
        for under, status in ((None, 0), (policy, 1)):
            run, connections = connect(
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


@every_version
@pytest.mark.parametrize("verify", ("none", "cert", "after", "credentials"))
def test_threads(client, certificates, policy, verify, tls):
    settings = {"policy": policy, "verify": verify, "tls": tls, "threads": 32}
    run, connections = connect(client, certificates.attacker, **settings)
    assert len(run.lines) == 32 and all(line.refused_by_shim for line in run.lines), run
    assert attacker.leaked(connections) == b""
    run, connections = connect(client, certificates.genuine, **settings)
    assert run.status == 0 and len(connections) == 32, run


@every_version
def test_session_whose_birth_was_not_seen(client, certificates, policy, folder, tls):
    """Its verify function can't be known, and stands; the verdict comes at the handshake's end."""
    settings = {"verify": "none", "tls": tls}
    run, connections = connect(client, certificates.attacker, "--unseen-birth", **settings)
    assert_connected(run, connections)
    run, connections = connect(
        client,
        certificates.attacker,
        "--unseen-birth",
        "--ignore-errors",
        policy=policy,
        **settings,
    )
    assert run.line.refused_by_shim and attacker.leaked(connections) == b"", run
    assert_connected(
        *connect(client, certificates.genuine, "--unseen-birth", policy=policy, **settings)
    )
    for names in ({}, UNNAMED):
        stranger = certificates.stranger_root.issue()
        pinned = policies.pinning(folder, stranger.pin)
        run, connections = connect(
            client, stranger, "--unseen-birth", policy=pinned, **settings, **names
        )
        assert run.status == 1 and attacker.leaked(connections) == b"", run
