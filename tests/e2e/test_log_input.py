"""pinshim log over an events file in which others have written, too: what is no event is left out."""

import json
import pathlib
import random
import re

import attacker
import policies
import processes
import product
import pytest

GIGABYTE = 1 << 30
MEMORY = (400 if product.sanitizers() else 100) << 20  # bytes; much less than a gigabyte


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder / "policy", certificates.genuine.pin)


@pytest.fixture
def event(client_kit, certificates, policy):
    """The line of a real event, which is alone in the file."""
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        assert client_kit(server.port, policy=policy).line.refused_by_shim
        assert attacker.leaked(server.finish()) == b""
    return policy.events_file.read_bytes().rstrip(b"\n")


NOISE = random.Random(1).randbytes(100000)
NO_EVENTS = {
    "words": b"hello",
    "empty": b"",
    "blanks": b" \t\r",
    "nul": b"\0",
    "nuls": bytes(100000),
    "escapes": b"\033]0;title\007\033[31m",
    "array": b'[{"event":"x"}]',
    "number": b"1",
    "string": b'"x"',
    "null": b"null",
    "two-objects": b"{}{}",
    "cut": b'{"time":"2026-11-23T10:15:00Z","event":"untr',
    "no-utf8": b'{"event":"\xff\xfe"}',
    "overlong": b'{"event":"\xc0\x80"}',
    "surrogate": rb'{"event":"\ud800"}',
    "huge-number": b'{"port":' + b"9" * 5000 + b"}",
    "deep": b"[" * 1000000,
    "deep-object": b'{"a":' * 100000 + b"1" + b"}" * 100000,
    "noise": NOISE.replace(b"\n", b"x"),
    "10-megabytes": b"x" * 10_000_000,
    "10-megabytes-of-json": b'{"a":"' + b"x" * 10_000_000,
    "40-megabytes": b'{"a":"' + b"x" * 40_000_000 + b'"}',
}


def log(policy, *options):
    """The lines of `pinshim log`, and the numbers of those that it has left out."""
    result = product.pinshim("log", "--config", policy.path, *options)
    assert result.returncode == 0, result
    assert result.stdout.isascii() and result.stdout.replace("\n", "").isprintable()
    warning = re.compile(rf"pinshim log: warning: {policy.events_file}:(\d+): .*: left out")
    told = result.stderr.splitlines()
    return result.stdout.splitlines(), [int(warning.fullmatch(line)[1]) for line in told]


@pytest.mark.parametrize("options", ((), ("--json",)), ids=("text", "json"))
@pytest.mark.parametrize("content", NO_EVENTS)
def test_what_is_no_event_is_left_out_and_named(policy, event, content, options):
    bad = NO_EVENTS[content]
    (whole,), _ = log(policy, *options)
    policy.events_file.write_bytes(b"\n".join([event, bad, event, bad, event]) + b"\n")
    assert log(policy, *options) == ([whole] * 3, [2, 4])
    assert log(policy, *options, "-n", 2) == ([whole], [4])
    policy.events_file.write_bytes(b"\n".join([event, bad]))  # the last one has no line end
    assert log(policy, *options) == ([whole], [2] if bad else [])


ODD_OBJECTS = {
    "empty": b"{}",
    "types": b'{"time":1,"event":[],"verdict":{},"host":null,"port":"x","app":true,"pid":"y"}',
    "nul": rb'{"time":"\u0000","event":"a\u0000b","host":"\u0000","app":"\u0000","port":1}',
    "escapes": rb'{"event":"\u001b[31m\u009b31m\u007f\u2028\u202e","host":"\n","detail":"\r"}',
    "utf8": '{"event":"ü\u202e\U0001f600","app":"\u009b31m","policy":"\x7f","detail":"é"}'.encode(),
    "times": b'{"time":"2026-13-45T99:99:99Z"}',
    "far-future": b'{"time":"9999-12-31T23:59:59Z"}',
    "numbers": b'{"port":-9223372036854775808,"pid":9223372036854775807,"host":"::"}',
    "twice": b'{"event":"a","event":"b"}',
    "long": b'{"host":"' + b"h" * 100000 + b'","rule":"r","service":"s"}',
    "10-megabytes": b'{"policy":"' + b"x" * 10_000_000 + b'","detail":"y"}',
    "windows": b'{"event":"x"}\r',
}


@pytest.mark.parametrize("content", ODD_OBJECTS)
def test_an_odd_object_is_a_line(policy, event, content):
    """In order, and nothing of it reaches the terminal that isn't printable ASCII."""
    odd = ODD_OBJECTS[content]
    policy.events_file.write_bytes(b"\n".join([event, odd, event]) + b"\n")
    lines, left_out = log(policy)
    assert len(lines) == 3 and lines[0] == lines[2] and left_out == []
    lines, left_out = log(policy, "--json")
    assert [json.loads(line) for line in lines] == [
        json.loads(item) for item in (event, odd, event)
    ]


def test_noise_never_hurts(policy, event):
    """Another file in each run: pieces of events, of noise, and line ends anywhere."""
    seed = random.randrange(1 << 32)
    chance = random.Random(seed)
    pieces = []
    for _ in range(300):
        start = chance.randrange(len(event))
        piece = chance.choice((event, event[start:], event[:start], chance.randbytes(start)))
        pieces += [piece, chance.choice((b"", b"\n", b"\n\n", b"\0", b"\\", b'"'))]
    content = b"".join(pieces)
    policy.events_file.write_bytes(content)
    lines, left_out = log(policy, "--json")
    total = content.count(b"\n") + (not content.endswith(b"\n"))
    assert len(lines) + len(left_out) == total, f"seed {seed}"
    assert all(isinstance(json.loads(line), dict) for line in lines), f"seed {seed}"


def test_a_gigabyte_is_not_held_in_memory(policy, event):
    """A line without an end, sparse on the disk, and an event behind it."""
    with policy.events_file.open("r+b") as stream:
        stream.truncate(0)
        stream.seek(GIGABYTE)
        stream.write(b"\n" + event + b"\n")
    for count in 1, 2:
        words = [product.PINSHIM, "log", "-f", "-n", count, "-c", policy.path]
        with processes.Daemon(words, env=product.command_environment()) as follower:
            follower.wait_for_match("untrusted-connection", timeout=processes.TIMEOUT)
            assert len(follower.lines) == count
            status = pathlib.Path(f"/proc/{follower.pid}/status").read_text(encoding="ascii")
        assert int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) << 10 < MEMORY
