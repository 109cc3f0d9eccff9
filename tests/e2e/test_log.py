"""pinshim log: the events that real programs under the shim have left, for reading."""

import datetime
import json
import os
import re
import shutil
import subprocess

import attacker
import clients
import kit
import pki
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
    """A function that lets the C client run into the man in the middle, once: one event more."""

    def attack():
        with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
            run = client_kit(server.port, policy=policy)
            assert run.line.refused_by_shim, run
            assert attacker.leaked(server.finish()) == b""
        return policy.events()[-1]

    return attack


def log(policy, *options, **more):
    """The lines of `pinshim log`, which says nothing else."""
    result = product.pinshim("log", "--config", policy.path, *options, **more)
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout.splitlines()


def test_real_programs_in_columns(certificates, folder, policy, attacked):
    event = attacked()
    with attacker.Server(certificates.attacker) as server:
        request = clients.Request(pki.PINNED, server.port, certificates.bundle, "s3cret", "1.3")
        assert clients.BY_NAME["curl"].run(request, folder, policy).status == 60
        assert attacker.leaked(server.finish()) == b""
    first, second = log(policy, env=product.command_environment(TZ="HERE-9"))
    time = datetime.datetime.strptime(event["time"], "%Y-%m-%dT%H:%M:%SZ")
    assert re.split(" {2,}", first) == [
        str(time + datetime.timedelta(hours=9)),
        "untrusted-connection",
        "pin-mismatch",
        f"{pki.PINNED}:{event['port']}",
        f"kit[{event['pid']}]",
        f"{pki.PINNED} (cloud)",
    ]
    assert re.split(" {2,}", second)[3:] == [
        f"{pki.PINNED}:{server.port}",
        f"curl[{policy.events()[1]['pid']}]",
        f"{pki.PINNED} (cloud)",
    ]
    assert first.index(f"{pki.PINNED} (") == second.index(f"{pki.PINNED} (")


def test_json_is_what_the_programs_wrote(policy, attacked):
    for _ in range(2):
        attacked()
    lines = policy.events_file.read_text().splitlines()
    assert len(lines) == 2 and log(policy, "--json") == lines


def test_report_mode_and_policy_events(certificates, folder):
    policy = policies.pinning(folder, certificates.genuine.pin, action="report")
    whole = policy.path.read_bytes()
    with attacker.Server(certificates.attacker) as server:
        with clients.OnRequest(folder, certificates, server.port, policy.path) as client:
            assert client.connect() == "connected"
            new = policy.path.with_suffix(".new")
            new.write_bytes(whole[:-20])
            new.rename(policy.path)
            client.connect_until(lambda _: "policy-rejected" in policy.own_events())
        policy.path.write_bytes(whole)
    lines = log(policy)
    assert re.search(
        r"  would-terminate +pin-mismatch +services\.maas360\.test:\d+ +python3\[", lines[0]
    )
    rejected = next(line for line in lines if "policy-rejected" in line)
    detail = next(e["detail"] for e in policy.lines() if e["event"] == "policy-rejected")
    assert re.search(r" python3\[\d+\] +", rejected)
    assert rejected.endswith(f"  {policy.path}: {detail}")


# --- which policy


def test_the_policy_may_be_an_image(policy, attacked):
    attacked()
    image = policy.path.with_suffix(".cdb")
    assert product.pinshim("compile", "-o", image, policy.path).returncode == 0
    expected = log(policy)
    assert len(expected) == 1 and log(policies.Policy(image, policy.events_file)) == expected
    shutil.copy(image, f"{image}~")
    image.write_bytes(image.read_bytes()[:-1])
    result = product.pinshim("log", "--config", image)
    assert (result.returncode, result.stdout.splitlines()) == (0, expected)
    assert "the one before it is used" in result.stderr


def test_without_config_the_environment_names_it(policy, attacked):
    attacked()
    expected = log(policy)
    for value in policy.path, f"report:{policy.path}":
        env = product.command_environment(PINSHIM_CONFIG=value)
        result = product.pinshim("log", env=env)
        assert (result.returncode, result.stdout.splitlines()) == (0, expected)


@product.needs_root
def test_without_both_the_installed_policy_counts(policy, attacked, installed):
    attacked()
    folder, install = installed
    install(policy.path.read_text())
    result = product.with_installed(folder, "log")
    assert (result.returncode, result.stdout.splitlines()) == (0, log(policy))


def failure(*arguments, **more):
    """The one line of a `pinshim log` that fails."""
    result = product.pinshim("log", *arguments, **more)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr.count("\n") == 1
    return result.stderr


def test_no_policy_at_all():
    if os.path.exists("/var/lib/pinshim/policy.cdb"):
        pytest.skip("a policy is installed")
    assert failure().startswith("pinshim log: no policy: ")


def test_events_that_go_elsewhere(policy_file):
    assert "journalctl -t pinshim" in failure("--config", policy_file)
    assert "journalctl -t pinshim" in failure("-f", "--config", policy_file)
    policy_file.write_text(policies.TEXT + "events = { syslog = false; };\n")
    said = failure("--config", policy_file)
    assert "nowhere" in said and "journalctl" not in said


def test_a_policy_that_cannot_be_read(bad_policy_file, image_file, tmp_path):
    assert failure("-c", bad_policy_file).startswith(f"{bad_policy_file}:2: error: ")
    assert "No such file" in failure("-c", tmp_path / "missing.conf")
    assert "directory" in failure("-c", tmp_path)
    image_file.write_bytes(image_file.read_bytes()[:-1])
    assert "damaged" in failure("-c", image_file)


# --- which lines


def test_the_last_lines_alone(policy, attacked):
    for _ in range(3):
        attacked()
    lines = log(policy, "--json")
    for count in (0, 1, 2, 3, 4, 1000):
        expected = lines[-count:] if count else []
        assert log(policy, "--json", "-n", count) == expected
        policy.events_file.write_text("\n".join(lines))  # as if the last were still being written
        assert log(policy, "--json", "--lines", count) == expected
        policy.events_file.write_text("\n".join(lines) + "\n")


def test_no_event_yet(policy):
    for _ in range(2):
        result = product.pinshim("log", "-c", policy.path)
        assert (result.returncode, result.stdout) == (0, "")
        assert re.fullmatch("pinshim log: warning: .*events.jsonl: no event yet.*\n", result.stderr)
    policy.events_file.touch()
    assert log(policy) == []


@pytest.mark.parametrize("kind", ("directory", "fifo", "device"))
def test_an_events_file_that_is_none(policy, kind):
    if kind == "directory":
        policy.events_file.mkdir()
    elif kind == "fifo":
        os.mkfifo(policy.events_file)
    else:
        policy.events_file.symlink_to("/dev/zero")
    for options in (), ("-f",), ("-n", "1"):
        assert str(policy.events_file) in failure("-c", policy.path, *options)


# --- what people see


def test_colours_are_for_terminals_alone(policy, attacked):
    attacked()
    red = "\033[1;31muntrusted-connection\033[0m"
    words = ("log", "-c", policy.path)
    assert "\033" not in log(policy)[0]
    assert red in product.on_terminal(*words, stream="stdout")
    assert red in product.on_terminal(*words, "-n", 1, stream="stdout", LC_ALL="C")
    for changes in {"NO_COLOR": "1"}, {"TERM": "dumb"}:
        assert "\033" not in product.on_terminal(*words, stream="stdout", **changes)
    assert "\033" not in product.on_terminal(*words, "--json", stream="stdout")


def test_a_program_cannot_write_on_the_terminal_by_its_name(certificates, folder, policy):
    """What a file name may hold, in a real event: escapes, C1 controls, bytes that are no UTF-8."""
    program = os.fsdecode(bytes(folder) + b"/k\033]0;t\007\x9b31m\n\r\x7f\xff\xc2\x9bi")
    shutil.copy(kit.KIT, program)
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        subprocess.run(
            [*product.under_shim(policy.path), program, "--port", str(server.port), "--ca"]
            + [certificates.bundle, "--sni", pki.PINNED, "--verify-name", pki.PINNED],
            env=product.environment(folder),
            timeout=processes.TIMEOUT,
            capture_output=True,
            check=False,
        )
        assert attacker.leaked(server.finish()) == b""
    assert "\033" in policy.event()["app"]
    (line,) = log(policy)
    assert line.isascii() and line.isprintable() and "k?]0;t?" in line
    (line,) = log(policy, "--json")
    assert line.isascii() and line.isprintable()
    assert json.loads(line) == policy.event()
