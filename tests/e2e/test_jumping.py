"""Programs that jump out of a verification that is under way (longjmp), and go on with another."""

import attacker
import gnutls_kit
import nss_kit
import pki
import policies
import processes
import product
import pytest

WAYS = ("callback", "instead", "freed")


def connect(folder, certificates, identity, way, *before):
    """What the client says of its two connections and of its own verifications, and what the server was told."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        words = [product.CLIENTS / "jumping", server.port, certificates.bundle, pki.PINNED, way]
        done = processes.run([*before, *words], env=product.environment(folder))
        leaked = attacker.leaked(server.finish())
    assert done.status == 0, done
    return done.stdout.split(), leaked


def said(second):
    """All that the client says, but for the result of the second connection always the same."""
    return ["first=jumped", "own=1", f"second={second}", "own=1"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("pinned", ("genuine", "root"))
def test_a_verification_that_was_left_is_none_of_the_next(folder, certificates, way, pinned):
    """Nor of the program's own, without TLS. The pin is the leaf's, or the CA's: then the path is the evidence."""
    policy = policies.pinning(folder, getattr(certificates, pinned).pin)
    shim = product.under_shim(policy.path)
    arguments = (folder, certificates)
    connected = (said("connected"), b"secret.1\n")
    assert connect(*arguments, certificates.attacker, way) == connected
    assert connect(*arguments, certificates.genuine, way, *shim) == connected
    assert policy.events() == []
    assert connect(*arguments, certificates.attacker, way, *shim) == (said("refused"), b"")
    assert len(policy.events()) == 1


@pytest.mark.parametrize("way", WAYS)
def test_nothing_changes_for_an_unpinned_host(folder, certificates, way):
    policy = policies.pinning(folder, certificates.genuine.pin, name="elsewhere.test")
    shim = product.under_shim(policy.path)
    assert connect(folder, certificates, certificates.attacker, way, *shim) == (
        said("connected"),
        b"secret.1\n",
    )
    assert policy.events() == []


@pytest.mark.parametrize("library", (gnutls_kit, nss_kit))
def test_nor_with_the_other_libraries(folder, certificates, library):
    """The same, by their own clients: the second connection's certificate is verified once more at its end."""
    policy = policies.pinning(folder, certificates.genuine.pin)
    client = library.Kit(folder, certificates)
    names = {"sni": pki.PINNED, "verify_name": pki.PINNED}

    def meet(identity, shim):
        with attacker.Server(identity, attacker.answer_lines) as server:
            run = client(server.port, policy=shim, verify="jumps", count=2, **names)
            leaked = attacker.leaked(server.finish())
        first, second = run.lines
        assert not first.connected, run
        return second, leaked

    for identity, shim in ((certificates.attacker, None), (certificates.genuine, policy)):
        second, leaked = meet(identity, shim)
        assert (second.connected, leaked) == (True, b"secret.2\n")
    assert policy.events() == []
    second, leaked = meet(certificates.attacker, policy)
    assert (second.refused_by_shim, leaked) == (True, b"")
