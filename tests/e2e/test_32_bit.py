"""The library for 32-bit programs: what it shares with the other one. `make i386` runs it by emulation."""

import pathlib
import shutil
import subprocess

import attacker
import kit
import pki
import policies
import processes
import product
import pytest

OWN_COMMAND = product.PROJECT / "build" / "pinshim"  # of this machine's word size
pytestmark = pytest.mark.skipif(
    not processes.EMULATOR or product.multiarch() != "i386-linux-gnu",
    reason="the build is not for i386",
)


def connect(identity, certificates, env):
    """What the server with this identity was sent by the kit."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        words = [kit.KIT, "--port", server.port, "--ca", certificates.bundle]
        done = processes.run([*words, "--sni", pki.PINNED, "--verify-name", pki.PINNED], env=env)
        return attacker.leaked(server.finish()), done


def assert_protected(certificates, policy, env, under):
    """`env` without the library, and `under` it."""
    for identity, environment, expected in (
        (certificates.attacker, env, b"secret.1\n"),
        (certificates.genuine, under, b"secret.1\n"),
        (certificates.attacker, under, b""),
    ):
        leaked, done = connect(identity, certificates, environment)
        assert leaked == expected, done
    assert policy.event()["verdict"] == "pin-mismatch"


def test_loader_finds_its_library_by_lib(folder, certificates):
    """What install-preload writes: $LIB is lib/i386-linux-gnu for Debian's loader of such programs."""
    policy = policies.pinning(folder, certificates.genuine.pin)
    place = folder / "lib" / product.multiarch() / "pinshim"
    place.mkdir(parents=True)
    shutil.copy(product.LIBRARY, place)
    shutil.copy(product.BUILD / "libpinshim-compile.so", place)
    under = product.environment(folder, f"{folder}/$LIB/pinshim/libpinshim.so")
    under["PINSHIM_CONFIG"] = str(policy.path)
    assert_protected(certificates, policy, product.environment(folder), under)


@pytest.mark.skipif(not OWN_COMMAND.exists(), reason="this machine's own command isn't built")
def test_image_is_the_same_for_both_sizes(folder, certificates):
    """Compiled by the 64-bit command, byte for byte what the 32-bit one makes; and read by the library."""
    policy = policies.pinning(folder, certificates.genuine.pin)
    image, other = folder / "policy.cdb", folder / "other.cdb"
    words = [OWN_COMMAND, "compile", "-o", image, policy.path]
    subprocess.run(words, env=product.command_environment(), check=True)
    assert product.pinshim("compile", "-o", other, policy.path).returncode == 0
    assert pathlib.Path(image).read_bytes() == other.read_bytes()
    policy.path.unlink()
    under = {**product.environment(folder, product.LIBRARY), "PINSHIM_CONFIG": str(image)}
    assert_protected(certificates, policy, product.environment(folder), under)
