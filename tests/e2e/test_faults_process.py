"""Memory runs out anywhere in the program, OpenSSL's own allocations included: a sample of the points."""

import attacker
import faults
import pki
import policies
import processes
import product
import pytest

# How far apart the points are: some ten to a run, of hundreds for a context, thousands for a
# connection, and tens of thousands for one on which the library looks through the machine's roots.
SPARSER = 4 if product.sanitizers() else 1  # they take their time
STEPS = {"context": 31 * SPARSER, "connection": 797 * SPARSER}
MANY = 1999 * SPARSER


@pytest.fixture
def careful(folder, certificates):
    """Runs the client that looks at every result; how far each of its connections came."""
    policy = policies.pinning(folder, certificates.genuine.pin)

    def run(identity, name, verify, phase, *, step=None, sticks=False):
        variables = faults.Faults(folder, "memory", whose="process", sticks=sticks).variables(
            policy
        )
        if phase == "context":
            variables["FAULT_MEETING"] = "1"
        env = {**product.environment(folder), **variables}
        step = step or STEPS[phase]
        with attacker.Server(identity, attacker.answer_lines) as server:
            words = [product.CLIENTS / "careful", server.port, certificates.bundle, name]
            done = processes.run([*words, verify, phase, step], env=env)
            leaked = attacker.leaked(server.finish())
        assert done.status == 0, done
        results = [line.partition("result=")[2] for line in done.stdout.splitlines()]
        print(len(results), "points,", {result: results.count(result) for result in {*results}})
        assert len(results) > 2
        assert len(leaked) == len(b"secret.1\n") * (
            results.count("connected") + results.count("exchange")
        )
        return results

    return run


needs_phase = pytest.mark.parametrize("phase", ("context", "connection"))


@needs_phase
@pytest.mark.parametrize("sticks", (False, True), ids=("once", "from-there-on"))
def test_man_in_the_middle_gets_nothing(careful, certificates, phase, sticks):
    step = MANY if phase == "connection" else None
    identity = certificates.attacker
    results = careful(identity, pki.PINNED, "instead", phase, step=step, sticks=sticks)
    assert not {"connected", "exchange"} & {*results}


@needs_phase
@pytest.mark.parametrize("name", (pki.PINNED, pki.UNPINNED))
def test_the_right_server_is_reached_where_memory_sufficed(careful, certificates, phase, name):
    results = careful(certificates.genuine, name, "peer", phase)
    assert results[-1] == "connected" and results.count("connected") > len(results) / 3
