"""Every way a TLS library gets into a process: plugins, RTLD_DEEPBIND, dlsym, copies, other preloads."""

import pathlib
import subprocess

import attacker
import clients
import kit
import pki
import policies
import processes
import product
import pytest

LOADED = product.CLIENTS / "loaded"
PLUGIN = product.CLIENTS / "kit.so"
SCRIPT = product.PROJECT / "tests" / "clients" / "dlsym_client.py"
WAYS = ("local", "deepbind", "again")
no_sanitizers = pytest.mark.skipif(
    bool(product.sanitizers()), reason="AddressSanitizer refuses RTLD_DEEPBIND and unloading"
)


def library_file(name):
    """Where the loader has a library from."""
    if processes.EMULATOR:
        return next(processes.EMULATED_ROOT.glob(f"usr/lib/*/{name}"))
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True)
    return next(
        line.split()[-1] for line in listed.stdout.splitlines() if line.split()[:1] == [name]
    )


@pytest.fixture
def private_copy(folder, monkeypatch):
    """A plugin with a libssl and a libcrypto of its own, which nobody else in a process has: their names are
    others, of the same length."""
    renamed = {"libssl.so.3": "libss1.so.3", "libcrypto.so.3": "libcrypt0.so.3"}
    files = {PLUGIN: "kit-own.so"}
    files.update({library_file(name): own for name, own in renamed.items()})
    for source, copy in files.items():
        content = pathlib.Path(source).read_bytes()
        for name, own in renamed.items():
            content = content.replace(name.encode(), own.encode())
        (folder / copy).write_bytes(content)
    search_there(folder, monkeypatch)
    return folder / "kit-own.so"


@pytest.fixture
def policy(folder, certificates):
    """The pinned name's one pin is the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


def search_there(folder, monkeypatch):
    """The loader looks for libraries in a folder first."""
    environment = product.environment

    def with_path(*arguments):
        return {**environment(*arguments), "LD_LIBRARY_PATH": str(folder)}

    monkeypatch.setattr(product, "environment", with_path)


class Host(kit.Kit):
    """Runs the kit as a plugin of a program that has no TLS itself."""

    PROGRAM = LOADED

    def run(self, way, plugins, port, policy=None, **settings):
        """The kit's lines; settings are its options."""
        words, env = self.command(port, policy=policy, preload=bool(policy), **settings)
        at = words.index(LOADED) + 1
        words[at:at] = [way, ":".join(map(str, plugins))]
        return kit.Run(processes.run(words, env=env))


@pytest.fixture
def host(folder, certificates):
    """The program that loads plugins."""
    return Host(folder, certificates)


def played(host, identity, way, plugins, policy=None, **settings):
    """How the plugins fared at a server with this identity, and what it was sent."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        run = host.run(way, plugins, server.port, policy, **settings)
        return run, attacker.leaked(server.finish())


def assert_pinned(host, certificates, policy, way, plugins, times, **settings):
    """The attack works without the shim, and the twin under it; the attack doesn't."""
    secret = b"secret.1\n" * times
    run, leaked = played(host, certificates.attacker, way, plugins, **settings)
    assert run.status == 0 and leaked == secret, run
    run, leaked = played(host, certificates.genuine, way, plugins, policy, **settings)
    assert run.status == 0 and leaked == secret and policy.events() == [], run
    run, leaked = played(host, certificates.attacker, way, plugins, policy, **settings)
    assert run.status == 1 and leaked == b"", run
    assert len(run.lines) == times and all(line.refused_by_shim for line in run.lines), run
    assert {event["verdict"] for event in policy.events()} == {"pin-mismatch"}


@no_sanitizers
@pytest.mark.parametrize("verify", ("none", "peer", "instead"))
@pytest.mark.parametrize("way", WAYS)
def test_plugin_is_pinned_however_it_is_loaded(host, certificates, policy, way, verify):
    times = 2 if way == "again" else 1
    assert_pinned(host, certificates, policy, way, [PLUGIN], times, verify=verify)


@no_sanitizers
@pytest.mark.parametrize("drive", ("write", "bio_do_handshake", "memory_connect"))
def test_deepbind_plugin_is_pinned_whichever_call_drives(host, certificates, policy, drive):
    assert_pinned(host, certificates, policy, "deepbind", [PLUGIN], 1, drive=drive)


@no_sanitizers
def test_deepbind_plugin_that_the_loader_searches_for(host, certificates, policy, monkeypatch):
    """A name without a folder: the loader has to see who asks."""
    search_there(PLUGIN.parent, monkeypatch)
    assert_pinned(host, certificates, policy, "deepbind", [PLUGIN.name], 1, verify="none")


@no_sanitizers
@pytest.mark.parametrize("verify", ("instead", "peer"))
@pytest.mark.parametrize("way", ("local", "deepbind"))
def test_two_copies_of_openssl_in_one_process(
    host, certificates, policy, private_copy, way, verify
):
    for plugins in ([PLUGIN, private_copy], [private_copy, PLUGIN]):
        policy.events_file.unlink(missing_ok=True)
        assert_pinned(host, certificates, policy, way, plugins, 2, verify=verify)


@no_sanitizers
def test_another_namespace_is_out_of_reach(host, certificates, policy):
    """docs/security.md says so: what dlmopen loads has a C library, and no preload, of its own."""
    run, leaked = played(host, certificates.attacker, "namespace", [PLUGIN], policy)
    assert run.status == 0 and leaked == b"secret.1\n", run


def dlsym_client(folder, certificates, identity, library, way, policy=None):
    """How the client fared, and what the server was sent."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        words = [clients.PYTHON, SCRIPT, library, way, server.port, certificates.bundle]
        words += [pki.PINNED, "secret"]
        env = product.environment(folder)
        if policy:
            words = [*product.under_shim(policy.path), *words]
        done = processes.run(words, env=env)
        return done, attacker.leaked(server.finish())


@pytest.mark.parametrize(
    "name, way",
    [("libssl.so.3", way) for way in ("peer", "none", "instead", "versioned", "info")]
    + [("libgnutls.so.30", way) for way in ("peer", "none")],
)
def test_functions_taken_by_dlsym(folder, certificates, policy, name, way):
    done, leaked = dlsym_client(folder, certificates, certificates.attacker, name, way)
    assert done.status == 0 and leaked == b"secret\n", done
    done, leaked = dlsym_client(folder, certificates, certificates.genuine, name, way, policy)
    assert done.status == 0 and leaked == b"secret\n" and policy.events() == [], done
    done, leaked = dlsym_client(folder, certificates, certificates.attacker, name, way, policy)
    assert done.status == 1 and done.stdout.startswith("failed") and leaked == b"", done
    assert policy.event()["verdict"] == "pin-mismatch"


def test_another_preload_still_gets_its_calls(folder, certificates, policy):
    """It stands before ours: its RTLD_NEXT means what it meant, and the pin holds."""
    other = folder / "other.so"
    source = pathlib.Path(__file__).with_name("next_first.c")
    words = [*product.COMPILER, "-D_GNU_SOURCE", "-shared", "-fPIC", source, "-o", other]
    subprocess.run(words, check=True)
    preloads = other, product.LIBRARY
    env = {**product.environment(folder, *preloads), "PINSHIM_CONFIG": str(policy.path)}
    secret = {certificates.genuine: b"secret.1\n", certificates.attacker: b""}
    for identity, expected in secret.items():
        with attacker.Server(identity, attacker.answer_lines) as server:
            words = [kit.KIT, "--port", server.port, "--ca", certificates.bundle]
            words += ["--sni", pki.PINNED, "--verify-name", pki.PINNED]
            done = processes.run(words, env=env)
            assert attacker.leaked(server.finish()) == expected, done
        assert "seen by another" in done.stderr
    assert policy.event()["verdict"] == "pin-mismatch"


def test_absent_library_stays_absent(folder, policy):
    """A program that asks whether it has OpenSSL isn't told of a hook; what it has is found."""
    script = (
        "import ctypes, sys\n"
        "own = ctypes.CDLL(None)\n"
        "for name in sys.argv[1:]:\n"
        "    print(name, hasattr(own, name))\n"
    )
    words = [
        clients.PYTHON,
        "-S",
        "-c",
        script,
        "SSL_connect",
        "gnutls_init",
        "getaddrinfo",
        "dlsym",
    ]
    plain = processes.run(words, env=processes.plain_environment(folder))
    under = processes.run(
        [*product.under_shim(policy.path), *words], env=product.environment(folder)
    )
    assert under.stdout == plain.stdout
    assert "SSL_connect False" in under.stdout and "getaddrinfo True" in under.stdout
