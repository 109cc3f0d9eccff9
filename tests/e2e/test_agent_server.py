"""A hostile server of bundles, and a man in the middle of the agent."""

import re
import threading

import agents
import attacker
import namespaces
import policies
import pytest

pytestmark = namespaces.needed


# --- the server


def serve(answer):
    """What a stream gets once its request is there."""

    def respond(stream):
        while b"\r\n\r\n" not in stream.connection.received:
            if not stream.read():
                return
        answer(stream)

    return respond


def endless(stream):
    """A body without an end."""
    stream.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\npinshim-bundle 1\n")
    while True:
        stream.write(b"x" * 65536)


def endless_header(stream):
    """A header without one."""
    stream.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        stream.write(b"X-More: " + b"x" * 60000 + b"\r\n")


def gigabyte(stream):
    """As the header says, of which the agent needn't see more."""
    stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
    while True:
        stream.write(b"x" * 65536)


def cut(stream):
    """Less than was promised."""
    stream.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npinshim-bundle 1\n")
    stream.end()


def elsewhere(stream):
    """Where there is no TLS."""
    stream.write(
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    )
    stream.end()


def file_elsewhere(stream):
    """On the device itself."""
    stream.write(b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n")
    stream.end()


def nothing(stream):
    """No such page."""
    stream.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    stream.end()


ANSWERS = {
    endless: "larger than 16 MB",
    endless_header: "nothing fetched: ",
    gigabyte: "larger than 16 MB",
    cut: "nothing fetched: ",
    elsewhere: "nothing fetched: Unsupported protocol",
    file_elsewhere: "nothing fetched: Unsupported protocol",
    nothing: "the server answers 404",
}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.__name__)
def test_server_that_gives_no_bundle(machine, certificates, key, site, answer):
    """Neither memory nor time is spent on it without bounds, and the next server is asked as ever."""
    with attacker.Server(certificates.genuine, serve(answer)) as server:
        machine.configure(url=f"https://{agents.HOST}:{server.port}/bundle", keys=key)
        with machine.start() as agent:
            agent.wait_for_match(ANSWERS[answer], timeout=30)
            assert machine.refresh().returncode == 1
            assert not machine.image.exists()
            machine.configure(url=site.url, keys=key)
            machine.hang_up(agent)
            agents.first_installed(agent)


def test_server_that_says_nothing_for_long(machine, certificates, key, site):
    """The agent answers meanwhile, and gives up after a quarter of a minute."""
    waits = threading.Event()
    with attacker.Server(certificates.genuine, serve(lambda stream: waits.wait(60))) as server:
        machine.configure(url=f"https://{agents.HOST}:{server.port}/bundle", keys=key)
        with machine.start() as agent:
            machine.wait_for_socket(agent)
            assert machine.ask(b"nonsense") == b""
            agent.wait_for_match("nothing fetched: Timeout was reached", timeout=40)
            machine.configure(url=site.url, keys=key)
            machine.hang_up(agent)
            agents.first_installed(agent)
        waits.set()


# --- the agent's own connection


def test_man_in_the_middle_of_the_agent_gets_nothing(machine, certificates, key):
    """The policy in force pins the server of bundles, too."""
    with attacker.Server(certificates.attacker) as server:
        entry = policies.entry(agents.HOST, pins=[certificates.genuine.pin], service="custom")
        url = f"https://{agents.HOST}:{server.port}/bundle"
        machine.configure(url=url, keys=key, entries=[entry])
        machine.compile()
        with machine.start() as agent:
            agent.wait_for_match("nothing fetched: ", timeout=30)
        connections = server.finish()
    assert connections and attacker.leaked(connections) == b""
    assert {connection.alert for connection in connections} == {attacker.BAD_CERTIFICATE}


def test_genuine_server_of_bundles_is_let_through(ready, site, certificates, key):
    """Under the same policy."""
    entry = policies.entry(agents.HOST, pins=[certificates.genuine.pin], service="custom")
    ready.configure(url=site.url, keys=key, entries=[entry])
    ready.compile()
    with ready.start() as agent:
        agents.first_installed(agent)


def test_without_a_pin_the_man_in_the_middle_is_asked(machine, certificates, key):
    """And what he answers is nothing that a key has signed."""
    with attacker.Server(certificates.attacker) as server:
        machine.configure(url=f"https://{agents.HOST}:{server.port}/bundle", keys=key)
        with machine.start() as agent:
            agent.wait_for_match("refused a bundle: it is no bundle", timeout=30)
        received = attacker.leaked(server.finish())
    assert re.match(rb"GET /bundle HTTP/1.1\r\n", received)
    assert not machine.image.exists()


def test_authority_that_nobody_trusts(machine, certificates, key):
    stranger = certificates.stranger_root.issue()
    with attacker.Server(stranger) as server:
        machine.configure(url=f"https://{agents.HOST}:{server.port}/bundle", keys=key)
        with machine.start() as agent:
            agent.wait_for_match("nothing fetched: SSL peer certificate", timeout=30)
        assert attacker.leaked(server.finish()) == b""
