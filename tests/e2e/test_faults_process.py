"""Memory runs out anywhere in the program, the library's own allocations included: a sample of the points."""

import subprocess

import attacker
import faults
import gnutls_kit
import nss_kit
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


# How far apart the points are, of all that a client asks for from its start to its end.
OTHERS = {"gnutls": (gnutls_kit.Kit, 499 * SPARSER), "nss": (nss_kit.Kit, 49 * SPARSER)}


@pytest.mark.parametrize("sticks", (False, True), ids=("once", "from-there-on"))
@pytest.mark.parametrize("library", OTHERS)
def test_other_libraries_send_the_man_in_the_middle_nothing(folder, certificates, library, sticks):
    """Nor does a client that dies of it: in libtasn1 and in NSPR some do."""
    make, step = OTHERS[library]
    policy = policies.image_of(policies.pinning(folder, certificates.genuine.pin))
    plan = faults.Faults(folder, "memory", whose="process", sticks=sticks)
    client = make(folder, certificates)
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        assert client(server.port, verify="none").status == 0
        words, env = client.command(server.port, policy=policy, preload=True, verify="none")
        count = 0
        while not count or plan.log.exists():
            plan.log.unlink(missing_ok=True)
            env |= plan.variables(policy, count * step + 1)
            count += 1
            done = subprocess.run(
                list(map(str, words)), env=env, capture_output=True, timeout=60, check=False
            )
            processes.assert_clean(done.stderr.decode(errors="replace"), words[0])
        assert attacker.leaked(server.finish()) == b"secret.1\n"
    assert count > 20
    print(count, "points")
