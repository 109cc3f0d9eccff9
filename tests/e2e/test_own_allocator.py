"""A program that gives OpenSSL an allocator of its own, before all else (CRYPTO_set_mem_functions)."""

import pathlib
import subprocess

import attacker
import c_programs
import kit
import policies
import product
import pytest

ALLOCATOR = pathlib.Path(__file__).with_name("own_allocator.c")

every_version = pytest.mark.parametrize("tls", ("1.2", "1.3"))
every_verification = pytest.mark.parametrize(
    "verify", ("none", "peer", "callback", "instead-verifies", "store")
)


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """The kit, with that allocator."""
    program = tmp_path_factory.mktemp("allocator") / "kit-allocator"
    sources = [*c_programs.client_sources("kit"), ALLOCATOR]
    words = [*product.COMPILER, "-D_GNU_SOURCE", f"-I{product.PROJECT}", *sources]
    subprocess.run([*words, "-lssl", "-lcrypto", "-o", program], check=True)
    return program


@pytest.fixture
def own_kit(program, folder, certificates):
    """Runs it."""
    made = kit.Kit(folder, certificates)
    made.PROGRAM = program
    return made


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine root: paths are verified by the program, or by the shim."""
    return policies.pinning(
        folder, certificates.root.pin, trust=[certificates.root.certificate_file]
    )


@every_version
@every_verification
def test_genuine_server(own_kit, certificates, policy, verify, tls):
    """The second connection resumes the session of the first."""
    settings = {"verify": verify, "tls": tls, "count": 2, "resume": "memory"}
    lines = []
    for shim in (None, policy):
        with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
            run = own_kit(server.port, policy=shim, **settings)
            assert run.status == 0, run
            assert attacker.leaked(server.finish()) == b"secret.1\nsecret.2\n"
        lines.append([line.text for line in run.lines])
    assert lines[0] == lines[1]
    assert policy.events() == []


@every_version
@every_verification
def test_man_in_the_middle(own_kit, certificates, policy, verify, tls):
    settings = {"verify": verify, "tls": tls}
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        assert own_kit(server.port, **settings).status == 0
        assert attacker.leaked(server.finish()) == b"secret.1\n"
    assert kit.outcome(own_kit, certificates.attacker, policy, **settings) == "refused"


@every_version
def test_pinned_address(own_kit, certificates, folder, tls):
    """The address that a program verifies comes to the shim as a block of that allocator's."""
    names = ("127.0.0.1",)
    genuine, impostor = certificates.root.issue(names), certificates.attacker_root.issue(names)
    policy = policies.pinning(folder, genuine.pin, name=names[0])
    settings = {"sni": None, "verify_name": names[0], "tls": tls}
    assert kit.outcome(own_kit, genuine, policy, **settings) == "connected"
    assert policy.events() == []
    assert kit.outcome(own_kit, impostor, policy, **settings) == "refused"
