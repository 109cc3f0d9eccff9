"""The person in front of an interactive program is told why it failed; nobody else is."""

import attacker
import clients
import kit
import pki
import policies
import product
import pytest
import terminal

MESSAGE = "Untrusted connection"


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


def on_a_terminal(folder, policy, words):
    """Runs words under the shim; what they said on either stream."""
    return terminal.run([*product.under_shim(policy.path), *words], product.environment(folder))


@pytest.mark.parametrize("name", ("curl", "python-http.client"))
def test_person_is_told(certificates, folder, policy, name):
    client = clients.BY_NAME[name]
    with attacker.Server(certificates.attacker) as server:
        request = clients.Request(pki.PINNED, server.port, certificates.bundle, "s3cret", "1.3")
        stdout, said = on_a_terminal(folder, policy, client.arguments(request))
        assert attacker.leaked(server.finish()) == b""
    assert stdout == ""
    lines = [line for line in said.splitlines() if MESSAGE in line]
    assert len(lines) == 1 and pki.PINNED in lines[0], said


def test_person_is_told_once(certificates, folder, policy):
    """Not for each of a program's attempts."""
    with attacker.Server(certificates.attacker) as server:
        words = [kit.KIT, "--port", server.port, "--sni", pki.PINNED, "--count", 5]
        _, said = on_a_terminal(folder, policy, words)
    assert said.count(MESSAGE) == 1, said
    assert len(policy.events()) == 5


def test_log_is_not_spoilt(certificates, folder, policy):
    """A pipe or a file on standard error gets what the program says, and nothing of ours."""
    client = clients.BY_NAME["curl"]
    with attacker.Server(certificates.attacker) as server:
        request = clients.Request(pki.PINNED, server.port, certificates.bundle, "s3cret", "1.3")
        done = client.run(request, folder, policy)
    assert client.failed_as_usual(done)
    assert MESSAGE not in done.output and "pinshim" not in done.output


def test_nothing_to_tell(certificates, folder, policy):
    client = clients.BY_NAME["curl"]
    with attacker.Server(certificates.genuine) as server:
        request = clients.Request(pki.PINNED, server.port, certificates.bundle, "s3cret", "1.3")
        stdout, said = on_a_terminal(folder, policy, client.arguments(request))
    assert (stdout, said) == (attacker.BODY.decode(), "")


def test_text_of_the_policy(certificates, folder):
    """By the program's name; the others keep the usual one."""
    text = 'messages = ( { application = "curl"; text = "Call 4711"; } );'
    policy = policies.pinning(folder, certificates.genuine.pin, text=text)
    for name, wanted in (("curl", "pinshim: Call 4711: "), ("python-http.client", MESSAGE)):
        with attacker.Server(certificates.attacker) as server:
            request = clients.Request(pki.PINNED, server.port, certificates.bundle, "s3cret", "1.3")
            _, said = on_a_terminal(folder, policy, clients.BY_NAME[name].arguments(request))
        assert said.count(wanted) == 1 and pki.PINNED in said, said


def test_each_host_is_told_of(certificates, folder):
    """Once: two hosts of one program don't push each other out."""
    hosts = [name for name in pki.NAMES if "*" not in name]
    pin = certificates.genuine.pin
    policy = policies.write(folder, *[policies.entry(host, pins=[pin]) for host in hosts])
    words = [clients.PYTHON, "-c", EACH_HOST_TWICE]
    with attacker.Server(certificates.attacker) as server:
        _, said = on_a_terminal(folder, policy, [*words, server.port, *hosts, *hosts])
        assert attacker.leaked(server.finish()) == b""
    assert [said.count(f": {host} (") for host in hosts] == [1] * len(hosts), said


EACH_HOST_TWICE = """
import socket, ssl, sys
context = ssl._create_unverified_context()
for host in sys.argv[2:]:
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as plain:
        try:
            context.wrap_socket(plain, server_hostname=host).close()
        except ssl.SSLError:
            pass
"""
