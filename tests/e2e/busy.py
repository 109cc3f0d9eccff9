"""Runs the client that has a life beside its connections (tests/clients/busy.c)."""

import attacker
import pki
import processes
import product

SECRET = b"secret.1\n"
TIMEOUT = 120  # seconds; the client ends itself before


def run(
    folder,
    certificates,
    identity,
    policy,
    way,
    count,
    *,
    name=pki.PINNED,
    prefix=(),
    environment=None,
):
    """What it says of itself, as numbers, once its server has seen as much: all or nothing."""
    env = {**product.preloaded(folder, getattr(policy, "path", policy)), **(environment or {})}
    with attacker.Server(identity, attacker.answer_lines) as server:
        words = [*prefix, product.CLIENTS / "busy", way, server.port, certificates.bundle, name]
        done = processes.run([*words, count], env=env, timeout=TIMEOUT)
        leaked = attacker.leaked(server.finish())
    assert done.status == 0, done
    said = {key: int(value) for key, value in (word.split("=") for word in done.stdout.split())}
    assert leaked.count(SECRET) * len(SECRET) == len(leaked)
    assert (said["connected"] == 0) == (leaked == b""), said
    return said


def all_three(folder, certificates, policy, way, count, **settings):
    """The man in the middle is always refused; the genuine server and an unpinned host never."""
    bad = run(folder, certificates, certificates.attacker, policy, way, count, **settings)
    assert bad["connected"] == 0 and bad["refused"] > 0, bad
    genuine = run(folder, certificates, certificates.genuine, policy, way, count, **settings)
    assert genuine["refused"] == 0 and genuine["connected"] > 0, genuine
    settings["name"] = pki.UNPINNED
    unpinned = run(folder, certificates, certificates.attacker, policy, way, count, **settings)
    assert unpinned["refused"] == 0 and unpinned["connected"] > 0, unpinned
    return bad, genuine, unpinned
