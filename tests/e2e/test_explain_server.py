"""pinshim explain HOST with a live server: its verdict is the library's."""

import json

import attacker
import explaining
import policies
import product
import pytest


def _scenarios(certificates):
    """Which server and policy, and the verdict."""
    genuine, other = certificates.genuine, certificates.attacker
    pin, root = [genuine.pin], [certificates.root.pin]
    trust = [certificates.root.certificate_file]
    inspected = [policies.inspection_persona(certificates.attacker_root)]
    return {
        "leaf": (genuine, {"pins": pin}, {}, "leaf-match"),
        "chain": (genuine, {"pins": root}, {"trust": trust}, "chain-match"),
        "unverified": (
            other.serving(*certificates.genuine.chain[1:], certificates.root.certificate),
            {"pins": root},
            {"trust": trust},
            "pin-unverified",
        ),
        "mismatch": (other, {"pins": pin}, {}, "pin-mismatch"),
        "proxy": (other, {"pins": pin}, {"personas": inspected}, "proxy-match"),
        "report": (other, {"pins": pin}, {"action": "report"}, "pin-mismatch"),
        "exempt": (other, {"pinned": False}, {}, "not-pinned"),
        "expired": (
            other,
            {"pins": pin, "expires": "2020-01-01", "on_expiry": "open"},
            {},
            "pins-expired",
        ),
    }


SCENARIOS = (
    "leaf",
    "chain",
    "unverified",
    "mismatch",
    "proxy",
    "report",
    "exempt",
    "expired",
)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_verdict_is_the_shim_s(client_kit, folder, certificates, scenario):
    """A program that connects meets what was foretold, and the event names the same verdict."""
    identity, entry, settings, verdict = _scenarios(certificates)[scenario]
    policy = policies.write(folder, policies.entry(explaining.HOST, **entry), **settings)
    with attacker.Server(identity, attacker.answer_lines) as server:
        status, said = explaining.explain(policy, "--connect", f"{explaining.HOST}:{server.port}")
        told = policy.events()
        text = (
            explaining.readable(policy, "--connect", f"{explaining.HOST}:{server.port}")
            if status == 0
            else ""
        )
        run = client_kit(
            server.port,
            policy=policy,
            sni=explaining.HOST,
            verify_name=explaining.HOST,
            verify="none",
        )
        received = attacker.leaked(server.finish())
    connection = said["connection"]
    accepted = verdict not in ("pin-mismatch", "pin-unverified") or scenario == "report"
    assert told == [], "an explanation is no event"
    assert connection["verdict"] == verdict
    assert (status == 0) == connection["accepted"] == accepted
    assert (received == b"secret.1\n") == (run.status == 0) == accepted, run
    assert [event["verdict"] for event in policy.events()] == (
        [] if verdict in ("leaf-match", "chain-match", "not-pinned") else [verdict]
    )
    assert [c["pin"] for c in connection["served_chain"]] == identity.pins
    pinned = entry.get("pins", [])
    assert [c["pinned"] for c in connection["served_chain"]] == [p in pinned for p in identity.pins]
    assert status or f"{verdict}: " in text


@pytest.mark.parametrize("scenario", ("leaf", "chain", "unverified", "mismatch"))
def test_verdict_where_the_library_is_in_the_command_itself(folder, certificates, scenario):
    """It keeps the command from the server, too, which has shown all that is asked by then."""
    identity, entry, settings, _ = _scenarios(certificates)[scenario]
    policy = policies.write(folder, policies.entry(explaining.HOST, **entry), **settings)
    arguments = ("explain", "--json", "--config", policy.path, "--connect")
    env = product.command_environment(**product.preloaded(folder, policy.path))
    with attacker.Server(identity) as server:
        asked = [
            product.pinshim(*arguments, f"{explaining.HOST}:{server.port}", env=one)
            for one in (None, env)
        ]
    assert (
        asked[0].stdout == asked[1].stdout and json.loads(asked[0].stdout)["connection"]["verdict"]
    )
    assert asked[0].returncode == asked[1].returncode


def test_server_that_cannot_be_asked(folder):
    policy = policies.write(folder, policies.entry(explaining.HOST, pins=[policies.PIN]))
    status, said = explaining.explain(policy, "--connect", f"{explaining.HOST}:1")
    assert status == 1 and said["connection"]["error"] == "Connection refused"
    assert said["pinned"]
