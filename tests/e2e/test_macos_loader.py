"""macOS's library, run on Linux by a loader of the tests' own (tests/macos/loader), in programs for macOS.

What stands for dyld and libSystem is the loader; the TLS libraries are this machine's. `make macos` builds it all.
"""

import dataclasses
import pathlib

import attacker
import impostors
import kit
import macos_kit
import matrix
import matrix_attacks
import matrix_clients
import matrix_gnutls
import matrix_nss
import matrix_play
import matrix_report
import pki
import policies
import processes
import pytest
from test_loading import library_file

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


# Nor is it told there which function verifies for a program that leaves that to GnuTLS: such a handshake is judged when it
# is done, before anything passes. The server has its alert then, after the handshake.
LEFT_TO_GNUTLS = ("cert", "cert2", "no-time", "chain")


def _gnutls_ways():
    """The ways of a client of GnuTLS, but for that."""
    for axis in matrix_gnutls.CLIENTS:
        yield tuple(
            dataclasses.replace(value, afterwards=True)
            if value.axis == "verify" and value.name in LEFT_TO_GNUTLS
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
    matrix.Game(
        matrix_report.MACOS + "gnutls",
        matrix_gnutls.ATTACKS,
        tuple(_gnutls_ways()),
        macos_kit.GnutlsKit,
        most=60,
    ),
    *(
        matrix.Game(
            matrix_report.MACOS + name, matrix_nss.ATTACKS, matrix_nss.CLIENTS, client, most=60
        )
        for name, client in (("nss", macos_kit.NssKit), ("nss-late", macos_kit.NssPluginKit))
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


def cell_of(game, attack, ways):
    """The cell of an attack and the value of each axis."""
    attack = next(one for one in game.attacks if one.name == attack)
    values = (one for axis in game.clients for one in axis if one.name == ways[one.axis])
    return matrix.Cell((attack, *values))


@pytest.mark.parametrize("driver", INSIDE)
def test_handshake_by_a_bio_with_a_late_name(tmp_path_factory, driver):
    """By a secret, without a certificate, and the name is told once the ClientHello is made."""
    ways = {"naming": "late-message", "driver": driver, "life": "once", "verify": "peer"}
    ways |= {"transport": "blocking", "info": "none", "tls": "1.2"}
    cell = cell_of(GAMES[0], "pac", ways)
    with matrix_play.stages(GAMES[:1], tmp_path_factory) as stages:
        (stage,) = stages.values()
        assert stage.play(cell).leaked(0) > 0
        assert stage.play(cell, shim=True).leaked(0) == 0
        assert stage.play(cell, twin=True, shim=True).run.status == 0


def test_verification_that_is_left_to_gnutls_in_the_handshake_is_done(tmp_path_factory):
    """It is set in the midst of the first of several calls: the library's own function stays in the session."""
    ways = {"naming": "late-hello", "driver": "false_start", "life": "once", "verify": "cert"}
    ways |= {"transport": "nonblocking", "order": "names-first", "tls": "1.2"}
    game = GAMES[2]
    cell = cell_of(game, "proxy-without-authority", ways)
    with matrix_play.stages([game], tmp_path_factory) as stages:
        played = stages[game.name].play(cell, twin=True, shim=True)
    assert played.run.status == 0 and played.run.line["verify_status"] == "0", played.run


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


@pytest.mark.parametrize("function", ("getaddrinfo", "gethostbyname"))
def test_name_that_was_looked_up_is_whom_the_client_means(folder, certificates, function):
    """It names nobody in the handshake, and verifies nothing."""
    attacking = certificates.attacker_root.issue(("localhost",))
    policy = policies.pinning(folder / "policy", certificates.genuine.pin, name="localhost")
    policy = dataclasses.replace(policy, path=policies.image_of(policy))
    for identity, under, expected in (
        (attacking, None, b"secret.1\n"),
        (attacking, policy, b""),
        (certificates.genuine, policy, b"secret.1\n"),
    ):
        with attacker.Server(identity, attacker.answer_lines) as server:
            words = [macos_kit.LOADER, macos_kit.FOLDER / "looking", function]
            env = macos_kit.environment(folder, under and under.path)
            done = processes.run([*words, server.port, "localhost"], env=env)
            assert attacker.leaked(server.finish()) == expected, done
    assert policy.event()["host"] == "localhost"


KIT = [macos_kit.FOLDER / "kit"]


def run(words, folder, certificates, identity, policy=None, count=1):
    """The kit, by these words; how each connection ended, and all bytes that belong to the pinned name."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        settings = ["--port", server.port, "--ca", certificates.bundle, "--verify", "none"]
        names = ["--sni", pki.PINNED, "--verify-name", pki.PINNED]
        path = policy and policy.path
        env = {**macos_kit.environment(folder, path), "LD_LIBRARY_PATH": str(folder)}
        finished = processes.run([macos_kit.LOADER, *words, *settings, *names], env=env)
        connections = server.finish()
    assert len(connections) == count, finished
    return kit.Run(finished), attacker.leaked(connections)


@pytest.fixture
def second_copy(folder):
    """The loader's words for a second libssl and libcrypto, files of their own, beside the first."""
    renamed = {"libssl.so.3": "libss1.so.3", "libcrypto.so.3": "libcrypt0.so.3"}
    for source, copy in renamed.items():
        content = pathlib.Path(library_file(source)).read_bytes()
        for name, own in renamed.items():
            content = content.replace(name.encode(), own.encode())
        (folder / copy).write_bytes(content)
    words = [f"lib{name}-second.3.dylib={folder / copy}" for name, copy in SECOND]
    return [word for pair in words for word in ("--library", pair)]


SECOND = (("crypto", "libcrypt0.so.3"), ("ssl", "libss1.so.3"))


@pytest.mark.parametrize("order", (("kit", "kit-second"), ("kit-second", "kit")))
def test_two_copies_of_openssl_in_one_process(folder, certificates, policy, second_copy, order):
    """The second one has no tuple, and each calls its own functions."""
    plugins = ",".join(str(macos_kit.FOLDER / f"{name}.dylib") for name in order)
    words = [*second_copy, macos_kit.FOLDER / "plugins", plugins]
    arguments = (words, folder, certificates)
    played, leaked = run(*arguments, certificates.attacker, count=2)
    assert leaked == b"secret.1\nsecret.1\n" and played.status == 0
    played, leaked = run(*arguments, certificates.attacker, policy, count=2)
    assert leaked == b"" and all(line.refused_by_shim for line in played.lines), played
    assert [event["verdict"] for event in policy.events()] == ["pin-mismatch"] * 2
    played, leaked = run(*arguments, certificates.genuine, policy, count=2)
    assert leaked == b"secret.1\nsecret.1\n" and played.status == 0


def test_report_mode_tells_and_lets_pass(folder, certificates):
    policy = policies.pinning(folder / "policy", certificates.genuine.pin, action="report")
    policy = dataclasses.replace(policy, path=policies.image_of(policy))
    played, leaked = run(KIT, folder, certificates, certificates.attacker, policy)
    assert (played.status, leaked) == (0, b"secret.1\n"), played
    event = policy.event()
    assert (event["verdict"], event["app"]) == ("pin-mismatch", "kit")


def test_threads_are_told_apart(folder, certificates, policy):
    words = [macos_kit.FOLDER / "kit", "--threads", "16"]
    played, leaked = run(words, folder, certificates, certificates.attacker, policy, count=16)
    assert leaked == b"" and all(line.refused_by_shim for line in played.lines), played
    assert len(policy.events()) == 16
    played, leaked = run(words, folder, certificates, certificates.genuine, policy, count=16)
    assert played.status == 0 and leaked.count(b"secret.") == 16, played


def test_image_cut_short_refuses_all(folder, certificates, policy):
    """A policy that can't be read: no handshake is done at all, as on Linux."""
    policy.path.write_bytes(policy.path.read_bytes()[:100])
    played, leaked = run(KIT, folder, certificates, certificates.genuine, policy)
    assert played.status != 0 and leaked == b"", played


WRITE, APPEND, DELETE, DELETE_CHILD, SECURITY, OWNER = (1 << bit for bit in (2, 5, 4, 6, 12, 13))
READ = 1 << 1 | 1 << 7 | 1 << 9 | 1 << 11  # data, attributes, extended ones, security


def _listed(path, *entries):
    """The file, or folder, gets an access control list: the loader plays it by a file beside it."""
    lines = (f"{kind} {bits:x}\n" for kind, bits in entries)
    path.with_name(path.name + ".acl").write_text("".join(lines))


@pytest.mark.parametrize("bits", (WRITE, APPEND, DELETE, DELETE_CHILD, SECURITY, OWNER))
@pytest.mark.parametrize("which", ("file", "folder"))
def test_policy_that_an_access_control_list_lets_others_change(
    folder, certificates, policy, which, bits
):
    """As where its mode does: it is none to go by, and no handshake is done."""
    listed = {"file": policy.path, "folder": policy.path.parent}[which]
    _listed(listed, ("deny", WRITE), ("allow", READ), ("allow", bits))
    played, leaked = run(KIT, folder, certificates, certificates.genuine, policy)
    assert played.status != 0 and leaked == b"", played


def test_policy_that_an_access_control_list_lets_others_read(folder, certificates, policy):
    _listed(policy.path, ("deny", WRITE), ("allow", READ))
    _listed(policy.path.parent, ("allow", READ))
    played, leaked = run(KIT, folder, certificates, certificates.genuine, policy)
    assert (played.status, leaked) == (0, b"secret.1\n"), played
