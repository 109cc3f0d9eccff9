"""To try a policy first: it tells what it would terminate, and terminates nothing."""

import os
import re

import attacker
import evidence
import kit
import namespaces
import pki
import policies
import processes
import product
import pytest
import terminal


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf, and only reports."""
    return policies.pinning(folder / "report", certificates.genuine.pin, action="report")


@pytest.fixture
def strict(folder, certificates):
    """The same, in earnest."""
    return policies.pinning(folder / "strict", certificates.genuine.pin)


def run_report(path=None):
    """The words that start a program which only reports."""
    named = ["--config", path] if path else []
    return [product.PINSHIM, "run", *map(str, named), "--report", "--"]


# --- what is told


def assert_whole(event, identity, port, pin):
    """Every field says what it should."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", event["time"])
    assert re.fullmatch(r"[0-9a-f]{16}", event["policy_version"])
    assert event["event"] == "would-terminate"
    assert (event["host"], event["rule"], event["port"]) == (pki.PINNED, pki.PINNED, port)
    assert (event["service"], event["app"], event["library"]) == ("cloud", "kit", "openssl")
    assert event["pid"] > 1 and event["uid"] == os.getuid()
    assert event["expected_pins"] == [pin]
    assert event["served_chain"] == (identity.pins if identity else [])


def facts(event):
    """What doesn't depend on the policy's action, the process or the connection."""
    own = ("event", "time", "pid", "port", "policy_version")
    return {key: value for key, value in event.items() if key not in own}


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
@pytest.mark.parametrize("drive", ("connect", "write", "memory_connect"))
def test_connection_that_would_be_terminated(client_kit, certificates, policy, strict, drive, tls):
    """It is as if nothing were pinned, but for one event with every field."""
    settings = {"tls": tls, "drive": drive}
    assert kit.outcome(client_kit, certificates.genuine, policy, **settings) == "connected"
    assert policy.events() == []
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        seen = [client_kit(server.port, policy=p, **settings) for p in (None, policy)]
        assert attacker.leaked(server.finish()) == b"secret.1\n" * 2
    assert seen[1].line == seen[0].line
    event = policy.event()
    assert_whole(event, certificates.attacker, server.port, certificates.genuine.pin)
    assert event["verdict"] == "pin-mismatch"
    assert event["verified_chain"] == [certificates.attacker.pin, certificates.attacker_root.pin]
    assert kit.outcome(client_kit, certificates.attacker, strict, **settings) == "refused"
    assert facts(strict.event()) == facts(event)


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
def test_handshake_without_a_certificate(client_kit, certificates, policy, folder, tls):
    """A pre-shared key stays in use, and is told of."""
    with kit.server(folder, psk=kit.PSK) as server:
        run = client_kit(server.port, policy=policy, psk=kit.PSK, tls=tls)
        assert run.status == 0 and run.line["served"] == "0", run
        assert server.leaked(1) == len("secret.1\n")
    event = policy.event()
    assert_whole(event, None, server.port, certificates.genuine.pin)
    assert (event["verdict"], event["verified_chain"]) == ("no-certificate", [])


def test_path_that_does_not_verify(client_kit, certificates, folder):
    pin = certificates.root.pin
    policy = policies.pinning(folder / "ca", pin, action="report")
    identity = certificates.intermediate.issue(valid=evidence.EXPIRED)
    assert kit.outcome(client_kit, identity, policy, verify="none") == "connected"
    event = policy.event()
    assert_whole(event, identity, event["port"], pin)
    assert (event["verdict"], event["verified_chain"]) == ("pin-unverified", [])


def test_program_still_verifies_for_itself(client_kit, certificates, policy):
    """Its own refusal stays one: what is only reported makes nothing better."""
    with attacker.Server(certificates.stranger_root.issue(), attacker.answer_lines) as server:
        seen = [client_kit(server.port, policy=p) for p in (None, policy)]
        assert attacker.leaked(server.finish()) == b""
    assert not seen[0].line.connected and seen[1].line == seen[0].line
    assert policy.event()["event"] == "would-terminate"


# --- pinshim run --report


@pytest.mark.parametrize("form", ("text", "image"))
def test_run_report_of_a_policy_that_terminates(client_kit, certificates, strict, form):
    path = strict.path if form == "text" else policies.image_of(strict)
    prefix = run_report(path)
    assert kit.outcome(client_kit, certificates.genuine, None, prefix=prefix) == "connected"
    assert kit.outcome(client_kit, certificates.attacker, None, prefix=prefix) == "connected"
    assert strict.event()["event"] == "would-terminate"
    assert kit.outcome(client_kit, certificates.attacker, path) == "refused"


def test_children_only_report_either(client_kit, certificates, strict):
    prefix = [*run_report(strict.path), "sh", "-c", '"$@"; exit $?', "sh"]
    assert kit.outcome(client_kit, certificates.attacker, None, prefix=prefix) == "connected"
    assert strict.event()["event"] == "would-terminate"


@namespaces.needed
@pytest.mark.parametrize("allowed", (True, False), ids=("allowed", "not-allowed"))
def test_run_report_with_an_installed_policy(client_kit, certificates, folder, allowed):
    """It decides itself whether it may be tried only."""
    text = f"allow_override = {str(allowed).lower()};"
    policy = policies.pinning(folder / "policy", certificates.genuine.pin, text=text)
    lib = folder / "lib"
    (lib / "pinshim").mkdir(parents=True)
    policies.image_of(policy).rename(lib / "pinshim" / "policy.cdb")
    inside = namespaces.inside(namespaces.covering("/var/lib", lib))
    prefix = [*inside, str(product.PINSHIM), "run", "--"]
    assert kit.outcome(client_kit, certificates.attacker, None, prefix=prefix) == "refused"
    prefix = [*inside, *map(str, run_report())]
    if allowed:
        assert kit.outcome(client_kit, certificates.attacker, None, prefix=prefix) == "connected"
        assert [e["event"] for e in policy.events()] == ["untrusted-connection", "would-terminate"]
        return
    done = processes.run([*prefix, "true"], env=product.environment(folder))
    assert done.status == 125 and "doesn't allow another action" in done.stderr, done
    assert len(policy.events()) == 1


def test_policy_that_cannot_be_read_is_still_refused(client_kit, certificates, folder, strict):
    """There is nothing to report by."""
    strict.path.write_text("version = 2;\n")
    done = processes.run([*run_report(strict.path), "true"], env=product.environment(folder))
    assert done.status == 125 and f"{strict.path}:1: error: " in done.stderr, done
    named = f"report:{strict.path}"
    settings = {"policy": named, "preload": True}
    with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
        run = client_kit(server.port, **settings)
        assert attacker.leaked(server.finish()) == b""
    assert run.line.refused_by_shim, run


# --- who is told


def test_nobody_is_told_of_a_termination(certificates, policy, strict, folder):
    """A person before the terminal reads what ended, and nothing of what would have."""
    said = {}
    for kind in (policy, strict):
        with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
            words = [kit.KIT, "--port", server.port, "--sni", pki.PINNED, "--verify", "none"]
            words = [*product.under_shim(kind.path), *words]
            _, said[kind] = terminal.run(words, product.environment(folder))
            leaked = attacker.leaked(server.finish())
        assert leaked == (b"secret.1\n" if kind is policy else b"")
    assert said[policy] == ""
    assert "Untrusted connection" in said[strict] and "terminated" in said[strict]


# --- dates, and the switch


@pytest.mark.parametrize(
    "on_expiry, event", (("open", "pins-expired"), ("enforce", "would-terminate"))
)
def test_expired_pins(client_kit, certificates, folder, on_expiry, event):
    """With "open" they are no pins any more, every time; "enforce" keeps them."""
    settings = {"expires": "2020-01-01", "on_expiry": on_expiry}
    entry = policies.entry(pki.PINNED, pins=[certificates.genuine.pin], **settings)
    policy = policies.write(folder, entry, action="report")
    for _ in range(2):
        assert kit.outcome(client_kit, certificates.attacker, policy) == "connected"
    assert [told["event"] for told in policy.events()] == [event] * 2


@pytest.mark.parametrize(
    "service, told",
    (("cloud", []), ("enrollment", ["would-terminate"]), ("custom", ["would-terminate"])),
)
def test_switched_off(client_kit, certificates, folder, service, told):
    """There is nothing to tell of what isn't pinned."""
    entry = policies.entry(pki.PINNED, service=service, pins=[certificates.genuine.pin])
    policy = policies.write(folder, entry, action="report", switch="off")
    assert kit.outcome(client_kit, certificates.attacker, policy) == "connected"
    assert [event["event"] for event in policy.events()] == told
