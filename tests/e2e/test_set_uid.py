"""A program that runs as somebody else than who started it: who started it names no policy for it.

The loader ignores LD_PRELOAD there, so the library is loaded as an administrator may do it: by
/etc/ld.so.preload, in a mount namespace of the test's own.
"""

import os
import shlex
import shutil

import attacker
import kit
import namespaces
import pki
import policies
import processes
import product
import pytest

pytestmark = namespaces.needed

NOBODY = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]
PROGRAMS = {"plain": 0o755, "set-uid": 0o4755, "set-gid": 0o2755}


@pytest.fixture
def program(open_folder):
    """The kit, where everybody may start it, with these permissions."""

    def copy(mode):
        path = shutil.copy(kit.KIT, open_folder / "kit")
        os.chmod(path, mode)
        return path

    if os.statvfs(open_folder).f_flag & os.ST_NOSUID:
        pytest.skip("set-uid programs don't change their user in this file system")
    return copy


def machine(folder, lib):
    """Words that run a program, started by nobody, where the library is in every one."""
    etc = shlex.quote(str(folder / "etc"))
    library = " ".join(map(str, (*product.sanitizers(), product.LIBRARY)))
    return [
        *namespaces.inside(
            f"cp -a /etc {etc}\nmkdir -p {etc}/pinshim\necho {library} > {etc}/ld.so.preload\n"
            + namespaces.covering("/var/lib", lib)
            + "\n"
            + namespaces.covering("/etc", folder / "etc")
        ),
        *product.become(NOBODY),
    ]


@pytest.fixture
def connect(certificates, folder, open_folder, program):
    """A connection of a program of this kind to the man in the middle: was it let in?"""

    def run(kind, named, lib):
        words = machine(folder, lib)
        with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
            words += [program(PROGRAMS[kind]), "--port", server.port, "--sni", pki.PINNED]
            env = {**product.environment(open_folder), "PINSHIM_CONFIG": str(named.path)}
            done = processes.run([*words, "--verify", "none"], env=env)
            leaked = attacker.leaked(server.finish())
        line = kit.Line(done.stdout)
        assert leaked == (b"secret.1\n" if line.connected else b""), done
        assert line.connected or line.refused_by_shim, done
        shutil.rmtree(folder / "etc")
        return line.connected

    return run


@pytest.mark.parametrize("kind, let_in", (("plain", False), ("set-uid", True), ("set-gid", True)))
def test_named_policy_is_nothing_to_it(connect, certificates, folder, open_folder, kind, let_in):
    """The same program under the same policy is pinned by it without those permissions."""
    policy = policies.pinning(open_folder / "policy", certificates.genuine.pin)
    policy.events_file.touch()
    policy.events_file.chmod(0o666)
    (folder / "lib").mkdir()
    assert connect(kind, policy, folder / "lib") == let_in
    assert [event["verdict"] for event in policy.events()] == ["pin-mismatch"] * (not let_in)
    assert policy.own_events() == []


@pytest.mark.parametrize("allow_override", ("true", "false"))
@pytest.mark.parametrize("kind", PROGRAMS)
def test_installed_policy_is_obeyed(
    connect, certificates, folder, open_folder, kind, allow_override
):
    """By all of them; that it may be overridden is for those that nobody else runs as."""
    pin = certificates.genuine.pin
    text = f"allow_override = {allow_override};"
    installed = policies.pinning(folder / "installed", pin, text=text)
    place = folder / "lib" / "pinshim"
    place.mkdir(parents=True)
    shutil.copy(policies.image_of(installed), place / "policy.cdb")
    lax = policies.pinning(open_folder / "lax", pin, name=pki.UNPINNED)
    overridden = kind == "plain" and allow_override == "true"
    assert connect(kind, lax, folder / "lib") == overridden
