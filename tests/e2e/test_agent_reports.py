"""Events are posted to events.report_url: later where it can't be reached, and to nobody else."""

import json
import signal
import socket

import agents
import attacker
import bundles
import namespaces
import policies
import processes
import pytest

pytestmark = namespaces.needed

LINE = b'{"time":"2026-11-23T10:15:00Z","event":"refresh","host":"%d.example"}'
NOWHERE = "https://127.0.0.1:9/"


class Machine(agents.Machine):
    """With a place for what is to be reported."""

    def __init__(self, folder, certificates, key):
        super().__init__(folder, certificates)
        self._certificates, self._key = certificates, key
        self.queue = self.state / "reports"
        self.queue.mkdir()
        self.queue.chmod(0o777)

    def report_to(self, url):
        """Puts a policy in force that says so; it pins the server, too."""
        pins = [self._certificates.genuine.pin, policies.PIN]
        self.configure(
            url=NOWHERE,
            keys=self._key,
            entries=[policies.entry(agents.HOST, service="custom", pins=pins)],
            text=f'events = {{ syslog = false; report_url = "{url}"; }};',
        )
        self.compile()

    def send(self, *numbers):
        """Events, as programs do."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.connect(str(self.run / "pinshim" / "events.sock"))
            for number in numbers:
                sender.send(LINE % number)


@pytest.fixture
def machine(open_folder, certificates, tmp_path):
    """Nothing is in force yet."""
    return Machine(open_folder, certificates, bundles.new_key(tmp_path))


def url_of(server):
    """Where the reports go."""
    return f"https://{agents.HOST}:{server.port}/reports"


def hosts_in(connections):
    """Of the events that were posted."""
    bodies = [one.received.partition(b"\r\n\r\n")[2] for one in connections]
    return [json.loads(line)["host"] for body in bodies for line in body.splitlines()]


def test_events_are_posted_together(machine, certificates):
    with attacker.Server(certificates.genuine) as server:
        machine.report_to(url_of(server))
        with machine.start() as agent:
            agent.wait_for_match("nothing fetched")
            machine.send(1, 2, 3)
            connections = server.since_last()
            agent.end(signal.SIGTERM)
    assert hosts_in(connections) == ["1.example", "2.example", "3.example"]
    head = connections[0].received.partition(b"\r\n\r\n")[0]
    assert head.startswith(b"POST /reports HTTP") and b"application/x-ndjson" in head
    assert not (machine.queue / "next").exists()


def test_queue_outlives_an_outage_and_the_agent(machine, certificates):
    machine.report_to(NOWHERE)
    with machine.start() as agent:
        agent.wait_for_match("nothing fetched")
        machine.send(1, 2)
        agent.wait_for_match("nothing reported", timeout=processes.TIMEOUT)
        machine.send(3)
        agent.end(signal.SIGTERM)
    assert sorted(path.name for path in machine.queue.iterdir()) == ["next", "sending"]
    with attacker.Server(certificates.genuine) as server:
        machine.report_to(url_of(server))
        with machine.start():
            connections = server.since_last()
            while len(hosts_in(connections)) < 3:
                connections += server.since_last()
    assert hosts_in(connections) == ["1.example", "2.example", "3.example"]


def test_man_in_the_middle_reads_no_report(machine, certificates):
    with attacker.Server(certificates.attacker) as server:
        machine.report_to(url_of(server))
        with machine.start() as agent:
            agent.wait_for_match("nothing fetched")
            machine.send(1)
            agent.wait_for_match("nothing reported", timeout=processes.TIMEOUT)
            agent.end(signal.SIGTERM)
        assert attacker.leaked(server.finish()) == b""
    assert (machine.queue / "sending").read_text().count("1.example") == 1


def test_server_that_fails_is_tried_again_later(machine, certificates):
    def refuse(stream):
        while b"\r\n\r\n" not in stream.connection.received and stream.read():
            pass
        stream.write(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        stream.end()

    with attacker.Server(certificates.genuine, refuse) as server:
        machine.report_to(url_of(server))
        with machine.start() as agent:
            agent.wait_for_match("nothing fetched")
            machine.send(1)
            agent.wait_for_match("nothing reported: the server answers 503", processes.TIMEOUT)
            agent.end(signal.SIGTERM)
    assert (machine.queue / "sending").exists()


def test_folder_that_is_missing_is_told_once(machine, certificates):
    machine.queue.rmdir()
    machine.report_to(NOWHERE)
    with machine.start() as agent:
        agent.wait_for_match("nothing fetched")
        machine.send(1, 2)
        agent.wait_for_match("events aren't reported")
        agent.end(signal.SIGTERM)
    assert sum("events aren't reported" in line for line in agent.lines) == 1
