"""pinshim log -f: real events as they come, whatever becomes of the file that they are written to."""

import json
import os
import shutil
import signal
import subprocess

import attacker
import policies
import processes
import product
import pytest


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder / "policy", certificates.genuine.pin)


@pytest.fixture
def attacked(client_kit, certificates, policy):
    """A function that lets the C client run into the man in the middle: the port tells them apart."""

    def attack():
        with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
            assert client_kit(server.port, policy=policy).line.refused_by_shim
            assert attacker.leaked(server.finish()) == b""
        return server.port

    return attack


def words(policy, *options):
    """The command line of a follower."""
    return [product.PINSHIM, "log", "-f", "--config", policy.path, *options]


def following(policy, *options):
    """`pinshim log -f`, while it runs."""
    return processes.Daemon(words(policy, *options), env=product.command_environment())


def shown(follower, port):
    """Waits until the event of this port is shown."""
    follower.wait_for_match(rf"untrusted-connection .*:{port} ")


def ports(follower):
    """The ports of all events so far, in their order."""
    return [int(line.split(":")[3].split()[0]) for line in follower.lines]


def test_events_are_shown_as_they_come(policy, attacked):
    policy.events_file.touch()
    attacks = []
    with following(policy) as follower:
        for _ in range(3):
            attacks.append(attacked())
            shown(follower, attacks[-1])
    assert ports(follower) == attacks


def test_the_last_ten_come_first(policy, attacked):
    attacked()
    line = json.loads(policy.events_file.read_text())
    policy.events_file.write_text(
        "".join(json.dumps({**line, "port": port}) + "\n" for port in range(1, 13))
    )
    for options, first in ((), 3), (("-n", "2"), 11), (("-n", "0"), 13), (("-n", "99"), 1):
        with following(policy, *options) as follower:
            last = attacked()
            shown(follower, last)
        assert ports(follower) == [*range(first, 13), last]
        text = policy.events_file.read_text()
        policy.events_file.write_text("".join(text.splitlines(keepends=True)[:12]))


def test_json_comes_line_by_line(policy, attacked):
    policy.events_file.touch()
    with following(policy, "--json") as follower:
        attacked()
        follower.wait_for(lambda lines: len(lines) == 1)
        attacked()
        follower.wait_for(lambda lines: len(lines) == 2)
    assert [json.loads(line) for line in follower.lines] == policy.events()


def rename(path):
    """As logrotate does it: the next event makes a new file."""
    path.rename(path.with_suffix(".1"))


def rename_and_create(path):
    """As logrotate does it with `create`."""
    rename(path)
    path.touch()


def copy_and_truncate(path):
    """As logrotate does it with `copytruncate`."""
    shutil.copy(path, path.with_suffix(".1"))
    os.truncate(path, 0)


def replace(path):
    """By an editor."""
    path.with_suffix(".new").touch()
    path.with_suffix(".new").rename(path)


def make_the_folder_anew(path):
    """With another file in it."""
    path.parent.rename(path.parent.with_suffix(".old"))
    path.parent.mkdir()


ROTATIONS = (rename, rename_and_create, copy_and_truncate, replace, os.unlink)


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_following_goes_on_after_a_rotation(policy, attacked, rotate):
    attacks = [attacked()]
    with following(policy) as follower:
        shown(follower, attacks[-1])
        for _ in range(3):
            rotate(policy.events_file)
            for _ in range(2):
                attacks.append(attacked())
                shown(follower, attacks[-1])
    assert ports(follower) == attacks


def test_what_was_written_just_before_a_rotation_is_shown(policy, attacked):
    """Nothing between the two: the old file's last event comes first."""
    attacks = [attacked()]
    with following(policy) as follower:
        shown(follower, attacks[-1])
        for _ in range(3):
            attacks.append(attacked())
            rename(policy.events_file)
            attacks.append(attacked())
            shown(follower, attacks[-1])
    assert ports(follower) == attacks


def test_a_file_that_appears_later(folder, certificates, attacked, policy):
    """At first not even its folder is there."""
    late = folder / "late" / "logs" / "events.jsonl"
    text = policy.path.read_text().replace(str(policy.events_file), str(late))
    policy.path.write_text(text)
    with following(policy) as follower:
        follower.wait_for_match("no event yet")
        lost = attacked()
        late.parent.mkdir(parents=True)
        first = attacked()
        shown(follower, first)
        make_the_folder_anew(late)
        second = attacked()
        shown(follower, second)
    assert not any(f":{lost} " in line for line in follower.lines)


def test_half_a_line_waits_for_its_other_half(policy, attacked):
    attacked()
    line = policy.events_file.read_text()
    policy.events_file.write_text(line[:100])
    with following(policy) as follower:
        with policy.events_file.open("a", encoding="ascii") as stream:
            for part in line[100:200], line[200:]:
                assert follower.lines == []
                stream.write(part)
                stream.flush()
        last = attacked()
        shown(follower, last)
    assert ports(follower) == [json.loads(line)["port"], last]


def test_half_a_line_that_is_rotated_away_is_left_out(policy, attacked):
    attacked()
    line = policy.events_file.read_text()
    policy.events_file.write_text(line + line[:100])
    with following(policy) as follower:
        shown(follower, json.loads(line)["port"])
        rename(policy.events_file)
        shown(follower, attacked())
    (said,) = [text for text in follower.lines if text.startswith("pinshim log: ")]
    assert said == f"pinshim log: warning: {policy.events_file}:2: no JSON object: left out"


def test_a_file_in_the_way_is_told_once(policy, attacked):
    """Something else stands at the path for a while."""
    attacks = [attacked()]
    with following(policy) as follower:
        shown(follower, attacks[-1])
        policy.events_file.unlink()
        policy.events_file.mkdir()
        follower.wait_for_match("warning: .*events.jsonl: Is a directory")
        policy.events_file.rmdir()
        attacks.append(attacked())
        shown(follower, attacks[-1])
    assert sum("warning" in line for line in follower.lines) == 1


# --- its end


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_a_signal_ends_it_well(policy, attacked, number):
    port = attacked()
    with following(policy) as follower:
        shown(follower, port)
        assert follower.end(number) == 0
    assert ports(follower) == [port]


def start(policy, *options):
    """A follower whose output is this test's to close."""
    return subprocess.Popen(
        [str(word) for word in words(policy, *options)],
        env=product.command_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def finish(process):
    """Its status; it must have said nothing."""
    assert process.stderr.read() == b""
    process.stderr.close()
    return process.wait(processes.STOP_TIMEOUT)


def test_it_ends_when_nobody_reads_it(policy, attacked):
    """With no event more: what it writes to tells."""
    attacked()
    with start(policy) as process:
        assert b"untrusted-connection" in process.stdout.readline()
        process.stdout.close()
        assert finish(process) == 0


@pytest.mark.parametrize("options", ((), ("--json",)), ids=("text", "json"))
def test_a_reader_of_the_first_line_alone(policy, attacked, options):
    """As `pinshim log | head -1`, with and without -f, of more than a pipe holds."""
    attacked()
    policy.events_file.write_text(policy.events_file.read_text() * 20000)
    for follow in ("-f",), ():
        process = subprocess.Popen(
            [product.PINSHIM, "log", "-c", policy.path, "-n", "19999", *follow, *options],
            env=product.command_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with process:
            assert b"untrusted-connection" in process.stdout.readline()
            process.stdout.close()
            assert finish(process) == 0


def test_a_signal_ends_it_while_nobody_reads(policy, attacked):
    """The pipe is full: it waits in a write."""
    attacked()
    policy.events_file.write_text(policy.events_file.read_text() * 20000)
    with start(policy, "-n", "20000") as process:
        assert b"untrusted-connection" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(processes.STOP_TIMEOUT) == 0
        process.stdout.close()
        assert finish(process) == 0


def test_a_full_disk_is_an_error(policy, attacked):
    attacked()
    for follow in ("-f",), ():
        with open("/dev/full", "w", encoding="ascii") as full:
            result = product.pinshim("log", *follow, "-c", policy.path, stdout=full)
        assert result.returncode == 1 and result.stderr.count("\n") == 1
        assert "standard output" in result.stderr
