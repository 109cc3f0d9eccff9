"""Two GnuTLS libraries in one process, each loaded by a plugin: a session of one never meets the other."""

import os
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


HOST = """
#include <dlfcn.h>
typedef int main_function(int argc, char **argv);
static main_function *registered;
void plugin_register(main_function *function) { registered = function; }
int main(int argc, char **argv)
{
    return dlopen(argv[1], RTLD_NOW | RTLD_DEEPBIND) ? registered(argc - 1, argv + 1) : 2;
}
"""
REGISTRATION = """
int kit_main(int argc, char **argv);
void plugin_register(int (*function)(int argc, char **argv));
__attribute__((constructor)) static void start(void) { plugin_register(kit_main); }
"""


@pytest.fixture(scope="module")
def registering(tmp_path_factory):
    """A program, and its plugin, which hands its function out itself: nobody asks the loader for it."""
    folder = tmp_path_factory.mktemp("registering")
    start = folder / "start.c"
    start.write_text(REGISTRATION)
    plugin = folder / "plugin.so"
    sources = c_programs.client_sources("gnutls")
    _gcc("-shared", "-Dmain=kit_main", *sources, start, "-lgnutls", "-o", plugin)
    return c_programs.compiled_c(folder, "host", HOST, "-rdynamic"), plugin


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


@pytest.mark.skipif(bool(product.sanitizers()), reason="AddressSanitizer refuses RTLD_DEEPBIND")
@pytest.mark.parametrize("named", ("absolute", "relative"))
def test_deepbind_plugin_that_registers_itself(registering, certificates, folder, named):
    client = gnutls_kit.Kit(folder, certificates)
    client.PROGRAM, plugin = registering
    policy = policies.pinning(folder, certificates.genuine.pin)
    name = plugin if named == "absolute" else os.path.relpath(plugin)
    for identity, under in (
        (certificates.attacker, None),
        (certificates.genuine, policy),
        (certificates.attacker, policy),
    ):
        with attacker.Server(identity, attacker.answer_lines) as server:
            run = client(server.port, name, policy=under, verify="none")
            leaked = attacker.leaked(server.finish())
        refused = identity is certificates.attacker and under
        assert run.line.refused_by_shim if refused else run.status == 0, run
        assert leaked == (b"" if refused else b"secret.1\n")
