"""macOS's library, run on Linux by a loader of the tests' own (tests/macos/loader), in programs for macOS.

What stands for dyld and libSystem is the loader; the TLS libraries are this machine's. `make macos` builds it all.
"""

import dataclasses

import attacker
import impostors
import kit
import macos_kit
import matrix
import matrix_attacks
import matrix_clients
import matrix_play
import matrix_report
import pki
import policies
import processes
import pytest

pytestmark = pytest.mark.skipif(
    not (macos_kit.LOADER.exists() and macos_kit.LIBRARY.exists()),
    reason="make macos builds what this runs",
)

# What libssl calls within itself is never interposed (two-level names): a BIO that drives a handshake isn't told of a
# judgement that falls at its end, though nothing passes then (test_handshake_by_a_bio_with_a_late_name).
INSIDE = ("bio_do_handshake", "bio_chain")


def _ways():
    """The ways of a client, but for that."""
    for axis in matrix_clients.CLIENTS:
        yield tuple(
            dataclasses.replace(value, never={**value.never, "driver": (*INSIDE, "early_data")})
            if value.name == "late-message"
            else value
            for value in axis
        )


GAMES = (
    matrix.Game(
        matrix_report.MACOS + "openssl",
        matrix_attacks.ATTACKS,
        tuple(_ways()),
        macos_kit.MacosKit,
        most=120,
    ),
    matrix.Game(
        matrix_report.MACOS + "late",
        matrix_attacks.ATTACKS,
        tuple(_ways()),
        macos_kit.PluginKit,
        most=60,
    ),
)


@pytest.fixture(scope="session")
def stages(tmp_path_factory):
    """Servers, policies and the client of each library."""
    with matrix_play.stages(GAMES, tmp_path_factory) as made:
        yield made


@pytest.mark.parametrize("game, cells", matrix_play.groups(GAMES))
def test_cells(stages, game, cells, record_property):
    """Every attack and its twin, as for the library of Linux (test_matrix.py)."""
    matrix_play.play(stages[game.name], game, cells, record_property)


@pytest.fixture
def policy(folder, certificates):
    """The pinned name's one pin is the genuine leaf."""
    made = policies.pinning(folder / "policy", certificates.genuine.pin)
    return dataclasses.replace(made, path=policies.image_of(made))


@pytest.mark.parametrize("driver", INSIDE)
def test_handshake_by_a_bio_with_a_late_name(tmp_path_factory, driver):
    """By a secret, without a certificate, and the name is told once the ClientHello is made."""
    attack = next(one for one in matrix_attacks.ATTACKS if one.name == "pac")
    wanted = {"naming": "late-message", "driver": driver, "life": "once", "verify": "peer"}
    wanted |= {"transport": "blocking", "info": "none", "tls": "1.2"}
    values = (
        value
        for axis in matrix_clients.CLIENTS
        for value in axis
        if wanted[value.axis] == value.name
    )
    cell = matrix.Cell((attack, *values))
    with matrix_play.stages(GAMES[:1], tmp_path_factory) as stages:
        (stage,) = stages.values()
        assert stage.play(cell).leaked(0) > 0
        assert stage.play(cell, shim=True).leaked(0) == 0
        assert stage.play(cell, twin=True, shim=True).run.status == 0


def asked(program, way, folder, identity, policy=None, libraries=()):
    """How a client that calls by pointers fared, and what the server was sent."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        words = [macos_kit.LOADER, *libraries, *program, way, server.port, pki.PINNED]
        path = policy and policy.path
        done = processes.run(words, env=macos_kit.environment(folder, path))
        return done, attacker.leaked(server.finish())


PROGRAMS = {
    "linked": (
        [macos_kit.FOLDER / "pointers"],
        ("initialised", "handle", "default", "next", "self"),
    ),
    "late": ([macos_kit.FOLDER / "asking"], ("handle", "default", "next", "self")),
    "plugin": (
        [macos_kit.FOLDER / "plugins", macos_kit.FOLDER / "pointers.dylib"],
        ("initialised", "handle", "default", "next", "self"),
    ),
}


@pytest.mark.parametrize(
    "program, way", [(name, way) for name, (_, ways) in PROGRAMS.items() for way in ways]
)
def test_pointers_lead_to_the_hooks(folder, certificates, policy, program, way):
    """Of a program that is linked to OpenSSL, of one that loads it, of a plugin: however it has them."""
    words, _ = PROGRAMS[program]
    done, leaked = asked(words, way, folder, certificates.attacker)
    assert (done.status, leaked) == (0, b"secret.1\n"), done
    done, leaked = asked(words, way, folder, certificates.attacker, policy)
    assert leaked == b"" and done.status == 1 and "failed" in done.stdout, done
    assert policy.event()["verdict"] == "pin-mismatch"
    done, leaked = asked(words, way, folder, certificates.genuine, policy)
    assert (done.status, leaked) == (0, b"secret.1\n"), done
