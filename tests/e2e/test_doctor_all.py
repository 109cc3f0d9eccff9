"""pinshim doctor: a process, and all programs that are installed."""

import json
import pathlib
import re

import c_programs
import clients
import examination
import product
import pytest


# --- a process


@examination.readable
def test_a_process_says_what_status_says(folder, image_file):
    for policy, state, expected in ((image_file, "yes", 0), (None, "no", 1)):
        with examination.python(folder, policy=policy) as program:
            status, found = examination.doctor(program.pid)
            assert found == examination.row(program.pid)
            text = product.pinshim("doctor", program.pid).stdout
        assert (status, found["state"]) == (expected, state)
        assert re.search(rf"^process +{program.pid} python3$", text, re.M)
        assert re.search(rf"^protected +{state}$", text, re.M)
        assert re.search(r"^TLS +OpenSSL: /.*libssl", text, re.M)
        assert bool(re.search(r"^policy +[0-9a-f]{16}, in force$", text, re.M)) == bool(policy)


@examination.readable
def test_a_process_whose_parent_is_protected(folder, policy_file):
    child = (
        "import subprocess\n"
        f"subprocess.Popen(['env', '-u', 'LD_PRELOAD', {clients.PYTHON!r}, '-c',"
        " 'import ssl, sys, os; print(\"child\", os.getpid(), flush=True); sys.stdin.read()'])\n"
    )
    with examination.python(folder, child, policy=policy_file) as program:
        pid = int(program.wait_for_match(r"^child (\d+)")[1])
        status, found = examination.doctor(pid)
    assert status == 1 and found["why"].startswith("dropped: ")


def test_a_number_is_a_process_and_a_path_a_program(folder):
    program = c_programs.waiting(folder, "1234567890")
    result = product.pinshim("doctor", program.name, cwd=folder)
    assert result.returncode == 2 and result.stderr.endswith(
        "no such process, or a part of the kernel\n"
    )
    assert product.pinshim("doctor", f"./{program.name}", cwd=folder).returncode == 0


# --- all


@pytest.fixture(scope="module", name="installed_programs")
def _installed_programs():
    done = product.pinshim("doctor", "--all", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def test_all_that_is_installed(installed_programs):
    found = {program["program"]: program for program in installed_programs}
    names = {pathlib.Path(path).name for path in found}
    assert {"curl", "openssl"} <= names
    for program in found.values():
        assert program["tls"]
        assert program["state"] != "no" or program["why"]
    states = [program["state"] for program in found.values()]
    order = ["no", "no hooks", "partly", "no TLS", "yes"]
    assert states == sorted(states, key=order.index)


def test_all_and_one_say_the_same(installed_programs):
    for program in installed_programs[:3] + installed_programs[-3:]:
        assert examination.doctor(program["program"])[1] == program


def test_all_counts_what_it_lists():
    done = product.pinshim("doctor", "--all")
    assert (done.returncode, done.stderr) == (0, "")
    head, _, tail = done.stdout.rpartition("\n\n")
    rows = head.splitlines()[1:]
    assert head.splitlines()[0].split() == ["PROGRAM", "TLS", "PROTECTABLE", "WHY"]
    all_of_them, with_tls = re.match(r"(\d+) programs .*?, (\d+) with TLS", tail).groups()
    assert int(with_tls) == len(rows) <= int(all_of_them)
    assert sum(map(int, re.findall(r"(\d+) (?:that|without|protectable)", tail))) == len(rows)


def test_progress_is_told_on_a_terminal_alone():
    """Where there is enough to tell of; and it is wiped out."""
    said = product.on_terminal("doctor", "--all")
    assert said == "" or re.fullmatch(
        r"(\r\d+ of \d+ programs, folder \d+ of \d+\x1b\[K)+\r\x1b\[K", said
    )
