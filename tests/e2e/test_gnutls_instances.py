"""Two GnuTLS libraries in one process, each loaded by a plugin: a session of one never meets the other."""

import pathlib
import subprocess

import attacker
import c_programs
import gnutls_kit
import pki
import policies
import product
import pytest

NAME, OTHER_NAME = b"libgnutls.so.30", b"libgnutlz.so.30"


def _gcc(*words):
    words = ["gcc", "-fPIC", "-D_GNU_SOURCE", f"-I{product.PROJECT}", *map(str, words)]
    subprocess.run(words, check=True, capture_output=True)


@pytest.fixture(scope="module")
def plugins(tmp_path_factory):
    """The kit as a plugin of the system's library, and as one of a copy with another name."""
    folder = tmp_path_factory.mktemp("plugins")
    found = subprocess.run(
        ["gcc", "-print-file-name=libgnutls.so"], capture_output=True, text=True, check=True
    )
    system = pathlib.Path(found.stdout.strip()).resolve()
    copy = folder / OTHER_NAME.decode()
    copy.write_bytes(system.read_bytes().replace(NAME, OTHER_NAME))
    sources = c_programs.client_sources("gnutls")
    made = []
    for library in (system, copy):
        plugin = folder / f"{library.name}.plugin.so"
        _gcc("-shared", "-Dmain=kit_main", *sources, library, f"-Wl,-rpath,{folder}", "-o", plugin)
        made.append(plugin)
    return made


class Plugins(gnutls_kit.Kit):
    """The client of many plugins."""

    PROGRAM = product.CLIENTS / "plugins"


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
@pytest.mark.parametrize("verify", ("none", "cert", "credentials", "after"))
@pytest.mark.parametrize("order", (1, -1))
def test_each_is_protected(plugins, certificates, folder, tls, verify, order):
    client = Plugins(folder, certificates)
    policy = policies.pinning(folder, certificates.root.pin)
    libraries = ",".join(map(str, plugins[::order]))
    for identity, under, names in (
        (certificates.attacker, None, {}),
        (certificates.attacker, policy, {}),
        (certificates.genuine, policy, {}),
        (certificates.attacker, policy, {"sni": pki.UNPINNED, "verify_name": pki.UNPINNED}),
    ):
        with attacker.Server(identity, attacker.answer_lines) as server:
            run = client(server.port, libraries, policy=under, tls=tls, verify=verify, **names)
            connections = server.finish()
        assert len(run.lines) == 2, run
        if identity is certificates.attacker and under and not names:
            assert all(line.refused_by_shim for line in run.lines), run
            assert attacker.leaked(connections) == b""
            assert {c.alert for c in connections} == {attacker.BAD_CERTIFICATE}
        else:
            assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n" * 2, run
    assert {event["library"] for event in policy.events()} == {"gnutls"}
