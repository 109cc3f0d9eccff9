"""What else gets into a process, or holds it: other preloads, debuggers, sandboxes."""

import pathlib
import subprocess

import attacker
import c_programs
import clients
import kit
import pki
import policies
import processes
import product
import pytest

pytestmark = pytest.mark.skipif(
    bool(product.sanitizers()), reason="a sanitizer's runtime has its own idea of neighbours"
)
PRELOADS = {
    "jemalloc": "libjemalloc.so.2",
    "mimalloc": "libmimalloc.so.2.0",
    "faketime": "faketime/libfaketime.so.1",
    "torsocks": "torsocks/libtorsocks.so",
}
TORSOCKS = "AllowOutboundLocalhost 1\n"  # what is on this machine isn't reached by Tor
HOLDERS = {
    "strace": ("strace", "-f", "-o", "/dev/null"),
    "gdb": ("gdb", "-q", "-batch", "-return-child-result", "-ex", "run", "--args"),
    "bubblewrap": (
        "bwrap",
        "--bind",
        "/",
        "/",
        "--dev",
        "/dev",
        "--unshare-pid",
        "--unshare-ipc",
    ),
}
SUDO = ("sudo", "-n", "-E")


@pytest.fixture
def policy(folder, certificates):
    """The pinned name's one pin is the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


def connect(identity, certificates, env, prefix=(), program=kit.KIT):
    """What the kit's end was, and what the server with this identity was sent."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        words = [*prefix, program, "--port", server.port, "--ca", certificates.bundle]
        done = processes.run([*words, "--sni", pki.PINNED, "--verify-name", pki.PINNED], env=env)
        return done, attacker.leaked(server.finish())


def assert_protected(certificates, policy, without, under, prefix=(), program=kit.KIT):
    """`without` and `under` are environments without the shim and with it."""
    secret = b"secret.1\n"
    done, leaked = connect(certificates.attacker, certificates, without, prefix, program)
    assert leaked == secret, done
    done, leaked = connect(certificates.genuine, certificates, under, prefix, program)
    assert leaked == secret and policy.events() == [], done
    done, leaked = connect(certificates.attacker, certificates, under, prefix, program)
    assert leaked == b"" and policy.event()["verdict"] == "pin-mismatch", done


def library(name):
    """A library of the system by its place among them."""
    found = subprocess.run(
        ["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if found == name:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.mark.parametrize("first", (True, False), ids=("first", "last"))
@pytest.mark.parametrize("name", PRELOADS)
def test_other_preload(certificates, folder, policy, name, first):
    other = library(PRELOADS[name])
    configuration = folder / "torsocks.conf"
    configuration.write_text(TORSOCKS)
    settings = {"FAKETIME": "+1h"} if name == "faketime" else {}
    settings["TORSOCKS_CONF_FILE"] = str(configuration)
    without = {**product.environment(folder, other), **settings}
    both = [other, product.LIBRARY] if first else [product.LIBRARY, other]
    under = {**product.environment(folder, *both), **settings, "PINSHIM_CONFIG": str(policy.path)}
    assert_protected(certificates, policy, without, under)


SERVER_ELSEWHERE = """
import sys, types
sys.path.insert(0, sys.argv[1])
import attacker
identity = types.SimpleNamespace(chain_file=sys.argv[2], key_file=sys.argv[3])
server = attacker.Server(identity, attacker.answer_lines)
print("port", server.port, flush=True)
sys.stdin.readline()
print("leaked", attacker.leaked(server.finish()), flush=True)
"""


def meet_under_the_wrapper(certificates, identity, client, server):
    """As connect, where the network is that of socket_wrapper, the server's, too."""
    here = pathlib.Path(__file__).parent
    files = (identity.chain_file, identity.key_file)
    words = [clients.PYTHON, "-c", SERVER_ELSEWHERE, here, *files]
    with processes.Daemon(words, env=server, stdin=subprocess.PIPE) as daemon:
        port = daemon.wait_for_match(r"^port (\d+)")[1]
        words = [kit.KIT, "--port", port, "--ca", certificates.bundle]
        done = processes.run([*words, "--sni", pki.PINNED, "--verify-name", pki.PINNED], env=client)
        daemon.say("")
        return done, daemon.wait_for_match(r"^leaked (.*)")[1]


@pytest.mark.parametrize("first", (True, False), ids=("first", "last"))
def test_socket_wrapper(certificates, folder, policy, first):
    """What programs are tested with: its sockets are files of a folder."""
    other = library("libsocket_wrapper.so")
    network = {"SOCKET_WRAPPER_DIR": str(folder / "network"), "SOCKET_WRAPPER_DEFAULT_IFACE": "10"}
    (folder / "network").mkdir()
    without = {**product.environment(folder, other), **network}
    both = [other, product.LIBRARY] if first else [product.LIBRARY, other]
    under = {**product.environment(folder, *both), **network, "PINSHIM_CONFIG": str(policy.path)}
    for identity, client, expected in (
        (certificates.attacker, without, b"secret.1\n"),
        (certificates.genuine, under, b"secret.1\n"),
        (certificates.attacker, under, b""),
    ):
        done, leaked = meet_under_the_wrapper(certificates, identity, client, without)
        assert leaked == repr(expected), done
    assert list((folder / "network").iterdir()), "nobody used it"
    assert policy.event()["verdict"] == "pin-mismatch"


@pytest.mark.parametrize("name", HOLDERS)
def test_what_holds_the_process(certificates, folder, policy, name):
    prefix = HOLDERS[name]
    trial = processes.run([*prefix, "/bin/true"], env=product.environment(folder))
    if trial.status != 0:
        pytest.skip(f"{name} can't be used here: {trial.stderr.strip()[:80]}")
    without, under = product.environment(folder), product.preloaded(folder, policy.path)
    assert_protected(certificates, policy, without, under, prefix)


def build_sanitized(folder, *options):
    """The kit, with AddressSanitizer."""
    program = folder / "kit-asan"
    sources = c_programs.client_sources("kit")
    words = ["gcc", "-D_GNU_SOURCE", f"-I{product.PROJECT}", "-fsanitize=address", *options]
    subprocess.run([*words, *sources, "-lssl", "-lcrypto", "-o", program], check=True)
    return program


@pytest.mark.parametrize("linking", ("-static-libasan", "-shared-libasan"))
def test_program_with_address_sanitizer(certificates, folder, policy, linking):
    """A runtime that is a library wants to stand before all preloads."""
    shared = linking == "-shared-libasan"
    program = build_sanitized(folder, *(() if shared else (linking,)))
    before = [library("libasan.so")] if shared else []
    without = product.environment(folder)
    under = {
        **product.environment(folder, *before, product.LIBRARY),
        "PINSHIM_CONFIG": str(policy.path),
    }
    assert_protected(certificates, policy, without, under, program=program)


@product.needs_root
def test_sudo_takes_the_preload_away_unless_it_starts_the_command(certificates, folder, policy):
    """docs/deployment.md says so."""
    env = product.preloaded(folder, policy.path)
    done, leaked = connect(certificates.attacker, certificates, env, SUDO)
    if "sudo:" in done.stderr:
        pytest.skip(done.stderr.strip()[:80])
    assert leaked == b"secret.1\n", done
    prefix = (*SUDO, *product.under_shim(policy.path))
    done, leaked = connect(certificates.attacker, certificates, env, prefix)
    assert leaked == b"" and policy.event()["verdict"] == "pin-mismatch", done


def test_boringssl_s_functions_of_the_same_names(folder, policy):
    """They take other arguments: pointers, whose upper half must not be lost."""
    source = """
    #include <stdio.h>
    void *TLS_method(void), *SSL_CTX_new(void *), *SSL_new(void *), SSL_free(void *), *X509_new(void);
    void SSL_CTX_free(void *), X509_free(void *);
    int main(void)
    {
        void *certificate = X509_new(), *ctx = SSL_CTX_new(TLS_method()), *ssl = SSL_new(ctx);
        SSL_free(ssl);
        SSL_CTX_free(ctx);
        X509_free(certificate);
        return puts(certificate && ctx && ssl ? "made" : "not made") < 0;
    }
    """
    made = [library(f"android/lib{name}.so.0") for name in ("ssl", "crypto")]
    runs = f"-Wl,-rpath,{pathlib.Path(made[0]).parent}"
    program = c_programs.compiled_c(folder, "boring", source, *made, runs)
    for env in (product.environment(folder), product.preloaded(folder, policy.path)):
        done = processes.run([program], env=env)
        assert (done.status, done.stdout) == (0, "made\n"), done
