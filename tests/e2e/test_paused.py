"""Verifications of one thread that pause and end in another order than they began (asynchronous jobs)."""

import attacker
import pki
import policies
import processes
import product
import pytest

JOBS = 3

pytestmark = pytest.mark.skipif(
    bool(product.sanitizers()),
    reason="a job has a stack of its own, which AddressSanitizer can't follow",
)


def connect(folder, certificates, identity, *before):
    """The result of each job, and what the server was told."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        words = [product.CLIENTS / "paused", server.port, certificates.bundle, pki.PINNED]
        done = processes.run([*before, *words], env=product.environment(folder))
        leaked = attacker.leaked(server.finish())
    assert done.status == 0, done
    results = [line.partition("result=")[2] for line in done.stdout.splitlines()]
    assert len(results) == JOBS, done
    return results, leaked


def test_verifications_that_pause_are_judged_each(folder, certificates):
    policy = policies.pinning(folder, certificates.genuine.pin)
    shim = product.under_shim(policy.path)
    everything = (["connected"] * JOBS, b"secret.1\n" * JOBS)
    assert connect(folder, certificates, certificates.attacker) == everything
    assert connect(folder, certificates, certificates.genuine, *shim) == everything
    assert policy.events() == []
    assert connect(folder, certificates, certificates.attacker, *shim) == (["refused"] * JOBS, b"")
    assert len(policy.events()) == JOBS


def test_a_chain_proves_itself_though_others_pause(folder, certificates):
    """The pin is the CA's: the program's own path is the evidence, watched across the pauses."""
    policy = policies.pinning(folder, certificates.root.pin)
    shim = product.under_shim(policy.path)
    everything = (["connected"] * JOBS, b"secret.1\n" * JOBS)
    assert connect(folder, certificates, certificates.genuine, *shim) == everything
    assert connect(folder, certificates, certificates.attacker, *shim) == (["refused"] * JOBS, b"")
