"""What a fleet's administrator is given: a pipeline for events, and figures of a simulation."""

import json
import pathlib
import shutil
import socketserver
import threading

import processes
import product
import pytest

SAMPLE = product.PROJECT / "samples" / "fleet" / "rsyslog.conf"
SIMULATION = product.PROJECT / "bench" / "fleet" / "simulate.py"
RSYSLOGD = shutil.which("rsyslogd", path="/usr/sbin")
PATIENCE = 30  # seconds


class Collector(socketserver.ThreadingTCPServer):
    """Keeps every line."""

    daemon_threads = True
    allow_reuse_address = True

    class Handler(socketserver.StreamRequestHandler):
        """One sender."""

        def handle(self):
            for line in self.rfile:
                with self.server.news:
                    self.server.lines.append(json.loads(line))
                    self.server.news.notify_all()

    def __init__(self, port=0):
        self.lines, self.news = [], threading.Condition()
        super().__init__(("127.0.0.1", port), self.Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait_for(self, count):
        """The lines, once there are so many."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.lines) >= count, PATIENCE), self.lines
            return list(self.lines)

    def __exit__(self, *_):
        self.shutdown()
        super().__exit__(*_)


@pytest.fixture
def events(folder):
    """A file like the agent's."""
    return folder / "events.jsonl"


def write(events, numbers):
    """One after the other, as the agent does."""
    with events.open("a") as file:
        for number in numbers:
            file.write(json.dumps({"event": "untrusted-connection", "port": number}) + "\n")


def rsyslog(folder, events, port):
    """The sample, with a test's paths."""
    text = SAMPLE.read_text()
    for there, here in (
        ("/var/log/pinshim/events.jsonl", str(events)),
        ("collector.example", "127.0.0.1"),
        ('"5140"', f'"{port}"'),
        ('action.resumeInterval="5"', 'action.resumeInterval="1"'),
    ):
        assert text.count(there) == 1
        text = text.replace(there, here)
    conf = folder / "rsyslog.conf"
    conf.write_text(f'global(workDirectory="{folder}")\n{text}')
    words = [RSYSLOGD, "-n", "-f", conf, "-i", folder / "rsyslogd.pid"]
    return processes.Daemon(words, env=processes.plain_environment(folder))


@pytest.mark.skipif(not RSYSLOGD, reason="needs rsyslog")
def test_rsyslog_brings_events_to_a_collector(folder, events):
    """Those of before its start, those of the file that was rotated, and those of an outage."""
    write(events, range(10))
    with Collector() as collector:
        port = collector.server_address[1]
        with rsyslog(folder, events, port):
            collector.wait_for(10)
            write(events, range(10, 20))
            collector.wait_for(20)
            events.rename(pathlib.Path(f"{events}.1"))
            write(events, range(20, 30))
            lines = collector.wait_for(30)
    assert [line["port"] for line in lines] == list(range(30))


def test_simulation_of_a_small_fleet():
    """The figures that must be so whatever chance does."""
    done = processes.run(
        [SIMULATION, "--devices", 20000, "--interval", 600, "--outage", 600, "--max-age", 10],
        env=processes.plain_environment("/nonexistent"),
    )
    figures = json.loads(done.stdout)
    assert abs(figures["requests_per_second"]["mean"] - 20000 / 600) < 3
    spread = figures["seconds_to_share_of_fleet"]["0.99"]
    assert spread["and_questions"] <= spread["polls"] <= 600 * 1.1 + 10
    assert figures["after_an_outage"]["seconds_to_0.99_of_fleet"] <= 600 * 1.1
