"""An event that can't be told changes nothing; and what stands in the file are whole lines."""

import contextlib
import json
import os
import socket

import attacker
import kit
import namespaces
import pki
import policies
import processes
import product
import pytest


def outcome_of(client_kit, certificates, policy, **settings):
    """The man in the middle is refused, and the genuine server isn't."""
    assert kit.outcome(client_kit, certificates.attacker, policy, **settings) == "refused"
    assert kit.outcome(client_kit, certificates.genuine, policy, **settings) == "connected"


def places(folder):
    """Where events can't be written."""
    os.mkfifo(folder / "fifo")
    (folder / "dangling").symlink_to(folder / "nothing" / "there")
    return {
        "full": "/dev/full",
        "missing-folder": folder / "gone" / "events.jsonl",
        "folder": folder,
        "fifo-without-a-reader": folder / "fifo",
        "link": folder / "dangling",
        "below-a-file": "/etc/passwd/events.jsonl",
    }


@pytest.mark.parametrize(
    "place",
    ("full", "missing-folder", "folder", "fifo-without-a-reader", "link", "below-a-file"),
)
def test_place_that_takes_no_events(client_kit, certificates, folder, place):
    path = places(folder)[place]
    policy = policies.pinning(folder / "p", certificates.genuine.pin, events_file=path)
    outcome_of(client_kit, certificates, policy)


@pytest.mark.parametrize("left", (0, 100), ids=("none", "less-than-a-line"))
def test_file_as_long_as_the_process_may_make_it(client_kit, certificates, folder, left):
    """RLIMIT_FSIZE: a write beyond it raises SIGXFSZ, which ends a program."""
    limit = 2**20
    policy = policies.pinning(folder / "p", certificates.genuine.pin)
    text = "\n" * (limit - left)
    policy.events_file.write_text(text)
    outcome_of(client_kit, certificates, policy, prefix=("prlimit", f"--fsize={limit}"))
    assert policy.events_file.read_text() == text


def test_folder_that_vanished_and_came_back(client_kit, certificates, folder):
    place = folder / "log"
    policy = policies.pinning(folder / "p", certificates.genuine.pin, events_file=place / "e.jsonl")
    outcome_of(client_kit, certificates, policy)
    place.mkdir()
    outcome_of(client_kit, certificates, policy)
    assert policy.event()["verdict"] == "pin-mismatch"


def run_in(script, client_kit, certificates, policy):
    """The kit where a script was run before, against the man in the middle."""
    with attacker.Server(certificates.attacker) as server:
        run = client_kit(server.port, policy=policy, prefix=namespaces.inside(script))
        assert run.line.refused_by_shim, run
        assert attacker.leaked(server.finish()) == b""
    return run


@namespaces.needed
def test_disk_that_fills_up_in_the_midst_of_a_line(client_kit, certificates, folder):
    """A file system of one page, of which less than a line is left; then there is room again."""
    disk = folder / "disk"
    disk.mkdir()
    policy = policies.pinning(
        folder / "p", certificates.genuine.pin, events_file=disk / "events.jsonl"
    )
    page, kept = os.sysconf("SC_PAGESIZE"), folder / "kept.jsonl"
    client = " ".join(
        map(str, [*product.under_shim(policy.path), kit.KIT, "--sni", pki.PINNED, "--port"])
    )
    script = f"""
        mount -t tmpfs -o size={page} tmpfs {disk}
        printf '{{"event": "%0{page - 200}d"}}\\n' 0 > {disk}/events.jsonl
        {client} $1 || true
        mount -o remount,size=1m {disk}
        {client} $1 || true
        cp {disk}/events.jsonl {kept}
    """
    with attacker.Server(certificates.attacker) as server:
        words = ["unshare", "--mount", "sh", "-ec", script, "sh", server.port]
        done = processes.run(words, env=product.environment(folder))
        assert attacker.leaked(server.finish()) == b""
    assert done.stdout.count("queue=20:134") == 2, done
    lines = kept.read_text().splitlines()
    assert json.loads(lines[-1])["verdict"] == "pin-mismatch", lines[1:]


def syslog_policy(folder, certificates):
    """Events go to the system's log, too."""
    policy = policies.pinning(folder / "p", certificates.genuine.pin)
    policy.path.write_text(policy.path.read_text().replace("syslog = false", "syslog = true"))
    return policy


@contextlib.contextmanager
def nobody_reads(folder):
    """A log's socket whose queue is full."""
    path = folder / "log"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(path))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as writer:
            writer.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    writer.sendto(b"x" * 1024, str(path))
            yield path


@namespaces.needed
@pytest.mark.parametrize("state", ("absent", "nobody-listens", "nobody-reads"))
def test_system_log_that_takes_nothing(client_kit, certificates, folder, state):
    policy = syslog_policy(folder, certificates)
    with nobody_reads(folder) as log:
        if state == "nobody-listens":
            log = folder / "closed"
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as closed:
                closed.bind(str(log))
        devices = folder / "dev"
        devices.mkdir()
        script = f"mount --rbind /dev {devices}\nmount -t tmpfs tmpfs /dev\n"
        for device in ("null", "full", "urandom", "random"):
            script += f"touch /dev/{device}; mount --bind {devices}/{device} /dev/{device}\n"
        if state != "absent":
            script += f"ln -s {log} /dev/log\n"
        run_in(script, client_kit, certificates, policy)
    assert policy.event()["verdict"] == "pin-mismatch"
