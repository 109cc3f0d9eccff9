"""Verifications that pause, and end in another order or thread than they began in (asynchronous jobs)."""

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


@pytest.fixture(params=((), ("moving",)), ids=("one-thread", "other-threads"))
def moving(request):
    """What makes the jobs go on in other threads."""
    return request.param


def connect(folder, certificates, identity, moving, *before):
    """The result of each job, and what the server was told."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        words = [product.CLIENTS / "paused", server.port, certificates.bundle, pki.PINNED, *moving]
        done = processes.run([*before, *words], env=product.environment(folder))
        leaked = attacker.leaked(server.finish())
    assert done.status == 0, done
    *jobs, own = done.stdout.splitlines()
    results = [line.partition("result=")[2] for line in jobs]
    assert len(results) == JOBS and own == "own=1", done
    return results, leaked


def test_verifications_that_pause_are_judged_each(folder, certificates, moving):
    policy = policies.pinning(folder, certificates.genuine.pin)
    shim = product.under_shim(policy.path)
    everything = (["connected"] * JOBS, b"secret.1\n" * JOBS)
    assert connect(folder, certificates, certificates.attacker, moving) == everything
    assert connect(folder, certificates, certificates.genuine, moving, *shim) == everything
    assert policy.events() == []
    assert connect(folder, certificates, certificates.attacker, moving, *shim) == (
        ["refused"] * JOBS,
        b"",
    )
    assert len(policy.events()) == JOBS


def test_a_chain_proves_itself_though_others_pause(folder, certificates, moving):
    """The pin is the CA's: the program's own path is the evidence, watched across the pauses."""
    policy = policies.pinning(folder, certificates.root.pin)
    shim = product.under_shim(policy.path)
    everything = (["connected"] * JOBS, b"secret.1\n" * JOBS)
    assert connect(folder, certificates, certificates.genuine, moving, *shim) == everything
    assert connect(folder, certificates, certificates.attacker, moving, *shim) == (
        ["refused"] * JOBS,
        b"",
    )
