"""What samples/ holds works as a newcomer would use it."""

import re
import shutil
import subprocess

import attacker
import policies
import processes
import product
import pytest
import web_clients


SAMPLES = product.PROJECT / "samples"
CLIENTS = {
    "blocking": [product.BUILD / "samples" / "blocking"],
    "nonblocking": [product.BUILD / "samples" / "nonblocking"],
    "gnutls": [product.BUILD / "samples" / "gnutls"],
    "nss": [product.BUILD / "samples" / "nss"],
    "python": ["/usr/bin/python3", SAMPLES / "client.py"],
    "pycurl": ["/usr/bin/python3", SAMPLES / "client_curl.py"],
    "perl": ["perl", SAMPLES / "client.pl"],
    "php": ["php", SAMPLES / "client.php"],
    "ruby": ["ruby", SAMPLES / "client.rb"],
    "node": ["nodejs", SAMPLES / "client.js"],
    "lua": ["lua5.4", SAMPLES / "client.lua"],
    "tcl": ["tclsh", SAMPLES / "client.tcl"],
    "curl": [SAMPLES / "client.sh"],
    "wget": [SAMPLES / "client.sh"],
}
OWN_OPTIONS = {"curl": ["curl"], "wget": ["wget"]}
each_client = pytest.mark.parametrize("name", CLIENTS)


def visit(name, folder, port, roots, policy=None):
    """Runs a sample client; under the shim with a policy."""
    words = [*CLIENTS[name], "localhost", port, roots, *OWN_OPTIONS.get(name, [])]
    if not policy:
        return processes.run(words, env=processes.plain_environment(folder))
    return processes.run(
        [*product.under_shim(policy.path), *words], env=product.environment(folder)
    )


@each_client
def test_the_sample_clients_verify_and_print(name, certificates, folder):
    body = attacker.BODY.decode()
    with attacker.Server(certificates.genuine) as server:
        done = visit(name, folder, server.port, certificates.root.certificate_file)
        assert done.status == 0 and body in done.stdout, done
        done = visit(name, folder, server.port, certificates.stranger_root.certificate_file)
        assert done.status == 1 and body not in done.stdout and done.stderr, done
        connections = server.finish()
    assert [bool(connection.received) for connection in connections] == [True, False]
    verified_late = name in ("pycurl", "wget")  # which ask once the handshake is over
    assert [connection.handshake for connection in connections] == [True, verified_late]
    assert processes.run(CLIENTS[name], env=processes.plain_environment(folder)).status == 2


@each_client
def test_a_sample_client_is_kept_from_a_man_in_the_middle(name, certificates, folder):
    """Whom it would have told its request; with the genuine server nothing changes."""
    if name == "node" and not web_clients.needs_openssl(web_clients.NODE):
        pytest.skip("nodejs is not Debian's")
    policy = policies.pinning(folder / "policy", certificates.genuine.pin, name="localhost")
    body = attacker.BODY.decode()
    with attacker.Server(certificates.genuine) as server:
        done = visit(name, folder, server.port, certificates.bundle, policy)
        assert done.status == 0 and body in done.stdout, done
    with attacker.Server(certificates.attacker) as server:
        assert visit(name, folder, server.port, certificates.bundle).status == 0
        assert b"GET / HTTP/1" in attacker.leaked(server.finish())
    with attacker.Server(certificates.attacker) as server:
        done = visit(name, folder, server.port, certificates.bundle, policy)
        assert done.status == 1 and body not in done.stdout and done.stderr, done
        assert attacker.leaked(server.finish()) == b""


def _go(folder):
    """The sample in Go, built."""
    if not shutil.which("go"):
        pytest.skip("no Go here")
    env = {**processes.plain_environment(folder), "CGO_ENABLED": "0"}
    words = ["go", "build", "-o", folder / "client", SAMPLES / "unreachable" / "client.go"]
    assert processes.run(words, env=env, timeout=10 * processes.TIMEOUT).status == 0
    return [folder / "client"]


def _java(_):
    """The sample in Java."""
    if not shutil.which("javac"):
        pytest.skip("no JDK here")
    return ["java", SAMPLES / "unreachable" / "Client.java"]


@pytest.mark.parametrize("program", (_go, _java), ids=("go", "java"))
def test_a_sample_that_can_t_be_protected_is_not_called_so(program, certificates, folder):
    """It gives its request away, `pinshim run` doesn't start it, and `pinshim doctor` says why."""
    words, env = program(folder), product.environment(folder)
    policy = policies.pinning(folder / "policy", certificates.genuine.pin, name="localhost")
    doctor = product.pinshim("doctor", shutil.which(words[0]))
    assert doctor.returncode == 1 and "TLS built in: " in doctor.stdout, doctor
    under = product.under_shim(policy.path)
    with attacker.Server(certificates.attacker) as server:
        visited = [*words, "localhost", server.port, certificates.bundle]
        assert processes.run([*under, *visited], env=env).status == 126
        done = processes.run([*under[:-1], "--best-effort", "--", *visited], env=env)
        assert done.status == 0 and attacker.BODY.decode() in done.stdout, done
        assert b"GET / HTTP/1" in attacker.leaked(server.finish())
    assert processes.run(words, env=env).status == 2


def _library(text):
    """Where a sample has the library."""
    return re.search(r"^(?:Environment=)?LD_PRELOAD=(\S+)$", text, re.M)[1]


def test_samples_name_the_library_where_it_is_installed():
    for name in ("systemd/pinshim.conf", "environment.d/60-pinshim.conf"):
        text = (product.PROJECT / "samples" / name).read_text()
        expected = "/usr/local/lib/x86_64-linux-gnu/pinshim/libpinshim.so"
        assert _library(text) == expected
        makefile = (product.PROJECT / "Makefile").read_text()
        assert "LIBDIR ?= $(PREFIX)/lib/$(MULTIARCH)/pinshim" in makefile
        assert product.multiarch() in (expected.split("/")[4], "aarch64-linux-gnu")


GENERATOR = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator"


@pytest.mark.skipif(not shutil.which(GENERATOR), reason="no systemd")
def test_systemd_reads_the_session_s_environment(folder):
    place = folder / ".config" / "environment.d"
    place.mkdir(parents=True)
    shutil.copy(product.PROJECT / "samples" / "environment.d" / "60-pinshim.conf", place)
    env = {"HOME": str(folder), "PATH": "/usr/bin"}
    done = subprocess.run([GENERATOR], capture_output=True, text=True, env=env, check=True)
    assert "LD_PRELOAD=/usr/local/lib/x86_64-linux-gnu/pinshim/libpinshim.so" in done.stdout.split()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd")
def test_systemd_understands_the_service_s_drop_in(folder):
    place = folder / "client.service.d"
    place.mkdir()
    (folder / "client.service").write_text("[Service]\nExecStart=/bin/true\n")
    shutil.copy(SAMPLES / "systemd" / "pinshim.conf", place)
    env = {**processes.plain_environment(folder), "SYSTEMD_UNIT_PATH": f"{folder}:"}
    verify = ["systemd-analyze", "--man=no", "verify", "client.service"]
    done = processes.run(verify, env=env)
    assert (done.status, done.output) == (0, "")
    with (place / "pinshim.conf").open("a") as file:
        file.write("NoSuchSetting=1\n")
    assert "NoSuchSetting" in processes.run(verify, env=env).stderr
