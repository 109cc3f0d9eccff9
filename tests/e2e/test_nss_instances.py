"""Two copies of NSS in one process, each loaded by a plugin: a socket of one never meets the other."""

import pathlib
import subprocess

import attacker
import c_programs
import nss_kit
import pki
import policies
import product
import pytest

LIBRARIES = "ssl3 smime3 nss3 nssutil3 softokn3 freebl3 freeblpriv3 nspr4 plc4 plds4".split()
LINKED = ("ssl3", "smime3", "nss3", "nspr4", "plds4")


def _gcc(*words):
    includes = [
        f"-I{folder}" for folder in (product.PROJECT, "/usr/include/nss", "/usr/include/nspr")
    ]
    words = ["gcc", "-fPIC", "-D_GNU_SOURCE", *includes, *map(str, words)]
    subprocess.run(words, check=True, capture_output=True)


def _system():
    """The installed libraries, by name."""
    found = subprocess.run(
        ["gcc", "-print-file-name=libssl3.so"], capture_output=True, text=True, check=True
    )
    folder = pathlib.Path(found.stdout.strip()).resolve().parent
    return {name: _first(folder, name) for name in LIBRARIES}


def _first(folder, name):
    return next(
        p for p in (folder / f"lib{name}.so", folder / "nss" / f"lib{name}.so") if p.exists()
    )


def _other_name(name):
    return name[:-1] + "9"


@pytest.fixture(scope="module")
def plugins(tmp_path_factory):
    """The client as a plugin of the system's NSS, and as one of a copy whose files have other names."""
    folder = tmp_path_factory.mktemp("plugins")
    system, copies = _system(), {}
    for name, path in system.items():
        data = path.read_bytes()
        for other in LIBRARIES:
            data = data.replace(f"lib{other}.so".encode(), f"lib{_other_name(other)}.so".encode())
        copies[name] = folder / f"lib{_other_name(name)}.so"
        copies[name].write_bytes(data)
    sources = c_programs.client_sources("nss")
    made = []
    for which, libraries in (("system", system), ("copy", copies)):
        plugin = folder / f"{which}.plugin.so"
        linked = [libraries[name] for name in LINKED]
        path = f"-Wl,-rpath,{folder},-rpath-link,{folder}"
        _gcc("-shared", "-Dmain=kit_main", *sources, *linked, path, "-o", plugin)
        made.append(plugin)
    needed = subprocess.run(
        ["ldd", made[1]],
        env={"LD_LIBRARY_PATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not any(f"lib{name}.so" in needed.stdout for name in LIBRARIES), needed.stdout
    return made


class Plugins(nss_kit.Kit):
    """The client of many plugins."""

    PROGRAM = product.CLIENTS / "plugins"


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
@pytest.mark.parametrize("verify", ("none", "library", "later"))
@pytest.mark.parametrize("order", (1, -1))
def test_each_is_protected(plugins, certificates, folder, tls, verify, order):
    client = Plugins(folder, certificates)
    policy = policies.pinning(folder, certificates.root.pin)
    libraries = ",".join(map(str, plugins[::order]))
    loaded = {"LD_LIBRARY_PATH": str(plugins[0].parent)}
    for identity, under, names in (
        (certificates.attacker, None, {}),
        (certificates.attacker, policy, {}),
        (certificates.genuine, policy, {}),
        (certificates.attacker, policy, {"sni": pki.UNPINNED, "verify_name": pki.UNPINNED}),
    ):
        settings = {"tls": tls, "verify": verify, "extra_environment": loaded, **names}
        with attacker.Server(identity, attacker.answer_lines) as server:
            run = client(server.port, libraries, policy=under, **settings)
            connections = server.finish()
        assert len(run.lines) == 2, run
        if identity is certificates.attacker and under and not names:
            assert all(line.refused_by_shim for line in run.lines), run
            assert attacker.leaked(connections) == b""
        else:
            assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n" * 2, run
    assert {event["library"] for event in policy.events()} == {"nss"}
