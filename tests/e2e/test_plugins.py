"""Hosts of plugins that tests of other programs have no form for: PAM, Apache and Java's JNA."""

import functools
import http.client
import pathlib
import shutil
import subprocess

import apache
import attacker
import namespaces
import policies
import processes
import product
import pytest

HOST = "localhost"
PAM_MODULE = pathlib.Path("/lib/security/pam_yubico.so")
SECRET = "ccccccbcgujhingjrdejhgfnuetrgigvejhhgbkugded"  # as a one-time password is written
no_sanitizers = pytest.mark.skipif(
    bool(product.sanitizers()), reason="the host isn't made for a sanitizer's runtime"
)


@pytest.fixture
def policy(open_folder, certificates):
    """It pins the host, for users that aren't root, too."""
    found = policies.pinning(open_folder / "policy", certificates.genuine.pin, name=HOST)
    found.events_file.touch()
    found.events_file.chmod(0o666)
    return found


def assert_protected(certificates, policy, send, library, app):
    """`send(port, policy)` runs the host of the plugin: in the attacker's hands without the shim."""
    for identity, under, expected in (
        (certificates.attacker_root.issue((HOST,)), None, True),
        (certificates.genuine, policy, True),
        (certificates.attacker_root.issue((HOST,)), policy, False),
    ):
        with attacker.Server(identity) as server:
            done = send(server.port, under)
            leaked = attacker.leaked(server.finish())
        assert (SECRET.encode() in leaked) == expected, done
        if expected:
            assert policy.events() == [], done
    assert leaked == b"", done
    event = policy.events()[0]
    assert (event["verdict"], event["host"]) == ("pin-mismatch", HOST)
    assert (event["app"], event["library"]) == (app, library)


@pytest.mark.skipif(not PAM_MODULE.exists(), reason="libpam-yubico is not installed")
@namespaces.needed
@no_sanitizers
def test_man_in_the_middle_of_a_pam_module_gets_nothing(certificates, open_folder, policy):
    """pam_yubico asks a server whether a one-time password is good."""
    service = open_folder / "pam.d"
    service.mkdir()
    (open_folder / "keys").write_text(f"user:{SECRET[:12]}\n")

    def send(port, under):
        (service / "pinshim").write_text(
            f"auth required {PAM_MODULE} id=1 authfile={open_folder}/keys "
            f"cainfo={certificates.bundle} urllist=https://{HOST}:{port}/wsapi/2.0/verify\n"
        )
        env = (
            product.preloaded(open_folder, under.path)
            if under
            else product.environment(open_folder)
        )
        inside = namespaces.inside(namespaces.covering("/etc/pam.d", service))
        words = [*inside, "pamtester", "pinshim", "user", "authenticate"]
        return processes.run(words, env=env, stdin=f"{SECRET}\n")

    assert_protected(certificates, policy, send, "gnutls", "pamtester")


@pytest.mark.skipif(not shutil.which("apache2", path="/usr/sbin"), reason="no apache2")
@no_sanitizers
def test_man_in_the_middle_of_apache_s_proxy_gets_nothing(certificates, open_folder, policy):
    """mod_ssl is the client of the server behind the proxy."""

    def send(port, under):
        with apache.proxy(
            open_folder, certificates.bundle, f"https://{HOST}:{port}/", under
        ) as front:
            connection = http.client.HTTPConnection("127.0.0.1", front, timeout=30)
            connection.request("POST", "/", SECRET)
            answer = connection.getresponse()
            return answer.status, answer.read()

    assert_protected(certificates, policy, send, "openssl", "apache2")


@functools.cache
def _java():
    """What starts a Java program from its source; None where that can't be had."""
    listed = subprocess.run(
        ["sh", "-c", "java --list-modules"], capture_output=True, text=True, check=False
    )
    jna = pathlib.Path("/usr/share/java/jna.jar")
    return jna if "jdk.compiler" in listed.stdout and jna.exists() else None


needs_java = pytest.mark.skipif(not _java(), reason="no JDK, or no libjna-java")


@needs_java
@no_sanitizers
@pytest.mark.parametrize("verify", ("1", "0"))
def test_man_in_the_middle_of_jna_gets_nothing(certificates, folder, policy, verify):
    """`pinshim run` doesn't start Java, which has TLS of its own; in LD_PRELOAD the library is at work."""

    def send(port, under):
        env = product.preloaded(folder, under.path) if under else product.environment(folder)
        source = product.PROJECT / "tests" / "clients" / "JnaClient.java"
        words = ["java", "-cp", _java(), source, HOST, port, certificates.bundle, SECRET, verify]
        return processes.run(words, env=env)

    assert_protected(certificates, policy, send, "openssl", "java")
