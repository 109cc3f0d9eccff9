"""Hosts of plugins that tests of other programs have no form for: PAM, Apache, Java's JNA and Node.js."""

import functools
import http.client
import pathlib
import shutil
import subprocess

import apache
import attacker
import c_programs
import kit
import namespaces
import policies
import processes
import product
import pytest
import web_clients

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


# The client kit as Node.js loads an addon; what a module exports is made by its first call, which doesn't return here.
ADDON = """
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
int kit_main(int argc, char **argv);
__attribute__((visibility("default"))) void *napi_register_module_v1(void *env, void *exports);
void *napi_register_module_v1(void *env, void *exports)
{
    char *words[64] = {"kit"}, *word = strtok(strdup(getenv("KIT_ARGUMENTS")), "\\n");
    int count = 1;
    for (; word && count < 63; word = strtok(NULL, "\\n"))
        words[count++] = word;
    (void)env, (void)exports;
    const int status = kit_main(count, words);
    fflush(stdout);
    _Exit(status);
}
"""


class Addon(kit.Kit):
    """Runs the kit as an addon of Node.js, which has a TLS library of its own besides."""

    def __init__(self, folder, certificates):
        super().__init__(folder, certificates)
        sources = map(str, c_programs.client_sources("kit"))
        flags = [
            "-D_GNU_SOURCE",
            "-Dmain=kit_main",
            f"-I{product.PROJECT}",
            "-x",
            "c",
            *sources,
            "-x",
            "none",
        ]
        libraries = ["-lssl", "-lcrypto", "-lpthread", "-ldl"]
        self._addon = c_programs.library(folder, "kit.node", ADDON, *flags, *libraries)

    def command(self, port, *options, **settings):
        words, env = super().command(port, *options, **settings)
        at = words.index(self.PROGRAM)
        env["KIT_ARGUMENTS"] = "\n".join(map(str, words[at + 1 :]))
        return [*words[:at], web_clients.NODE, "-e", "require(process.argv[1])", self._addon], env


@pytest.mark.skipif(
    not web_clients.needs_openssl(web_clients.NODE),
    reason="nodejs is not Debian's: its program has an OpenSSL inside, which addons get",
)
@no_sanitizers
@pytest.mark.parametrize("verify", ("none", "peer", "instead"))
def test_man_in_the_middle_of_a_node_addon_gets_nothing(certificates, folder, verify):
    addon = Addon(folder, certificates)
    policy = policies.pinning(folder / "policy", certificates.genuine.pin)
    for identity, under, expected in (
        (certificates.attacker, None, b"secret.1\n"),
        (certificates.genuine, policy, b"secret.1\n"),
        (certificates.attacker, policy, b""),
    ):
        with attacker.Server(identity, attacker.answer_lines) as server:
            run = addon(server.port, policy=under, verify=verify)
            assert attacker.leaked(server.finish()) == expected, run
        if expected:
            assert run.status == 0 and policy.events() == [], run
    assert run.status == 1 and run.line.refused_by_shim, run
    assert {event["verdict"] for event in policy.events()} == {"pin-mismatch"}
