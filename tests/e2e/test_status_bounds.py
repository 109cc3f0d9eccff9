"""pinshim status: what it can't see, what lies to it, and a whole host."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time

import c_programs
import examination
import policies
import processes
import product
import pytest

pytestmark = examination.readable


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder / "policy", certificates.genuine.pin)


# --- what can't be seen


@product.needs_root
def test_another_user_s_process_is_unknown(folder, open_folder, policy):
    """It is protected; who can't see that isn't told so."""
    command = shutil.copy(product.PINSHIM, open_folder)
    with examination.python(folder, policy=policy.path) as program:
        words = ["setpriv", *examination.NOBODY, command, "status", "--json"]
        env = {**product.command_environment(), "HOME": "/"}
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
        (found,) = [row for row in json.loads(done.stdout) if row["pid"] == program.pid]
        assert examination.row(program.pid)["state"] == "yes"
    assert (found["state"], found["protected"]) == ("unknown", None)
    assert found["why"] == "not permitted to look into it"
    assert found["library"] is None and found["tls"] == []


@product.needs_root
def test_a_user_s_large_libraries_are_looked_into_up_to_a_bound(folder, policy):
    """They'd keep root's command for as long as the user likes."""
    for number in range(3):
        library = c_programs.library(folder, f"lib{number}.so", f"int some{number};")
        os.truncate(library, 1 << 30)
        os.chown(library, 65534, 65534)
    code = f"""
import mmap
for number in range(3):
    with open(f"{folder}/lib{{number}}.so", "rb") as file:
        mapped = mmap.mmap(file.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)
        globals()[f"mapped{{number}}"] = mapped
"""
    with examination.python(folder, code, policy=policy.path) as program:
        found = examination.row(program.pid)
    assert (found["state"], found["protected"]) == ("partly", False)
    assert found["why"] == "TLS built in: unknown (too much to look into)"
    assert [tls["inside"] for tls in found["tls"]].count(True) == 1


def test_a_library_whose_file_is_gone(folder, policy):
    own = pathlib.Path(shutil.copy(product.LIBRARY, folder / "libpinshim.so"))
    env = {**product.environment(folder, own), "PINSHIM_CONFIG": str(policies.image_of(policy))}
    with examination.python(folder, env=env) as program:
        before = examination.row(program.pid)
        own.unlink()
        after = examination.row(program.pid)
        shutil.copy(product.LIBRARY, own)
        replaced = examination.row(program.pid)
    assert (before["state"], before["library"]["replaced"]) == ("yes", False)
    for found in after, replaced:
        assert (found["state"], found["library"]["replaced"]) == ("yes", True)
        assert found["policy"] == before["policy"]
        assert "replaced or deleted" in found["why"]


# --- what a hostile process may say

RUBBISH = """
#include <stdint.h>
#include <unistd.h>
__attribute__((aligned(64))) struct {
    char magic[16];
    uint32_t layout, size;
    char library_version[16];
    uint64_t policy_version;
    uint32_t policy_state;
    volatile uint32_t sequence;
    uint64_t outcomes[3];
    int64_t time;
    uint32_t pid, verdict, outcome, reserved;
    char host[254];
} lie = {"pinshim status\\n", %(layout)s, %(size)s, "\\033[31m\\377\\377AAAAAAAAA", 42, %(state)s,
         %(sequence)s, {~0ULL, ~0ULL, ~0ULL}, %(time)s, 0, 99, 77, 0, {%(host)s}};
__attribute__((constructor)) static void start(void) { lie.pid = getpid(); }
"""


LIES = {
    "rubbish": {},
    "a time before all times": {"time": "INT64_MIN"},
    "an endless time": {"time": "INT64_MAX"},
    "another layout": {"layout": "2"},
    "another size": {"size": "24"},
    "no such state": {"state": "9"},
    "always being written": {"sequence": "7"},
}


@pytest.mark.parametrize("lie", LIES)
def test_what_a_process_publishes_is_not_trusted(folder, lie):
    """No control character, no reading beyond its end; it may say that it is protected."""
    values = {
        "layout": "1",
        "size": "sizeof lie",
        "state": "1",
        "sequence": "2",
        "time": "-1",
        "host": "[0 ... 253] = '\\033'",
        **LIES[lie],
    }
    library = c_programs.library(folder, "libpinshim.so", RUBBISH % values)
    env = {**processes.plain_environment(folder), "LD_PRELOAD": str(library)}
    with examination.python(folder, env=env) as program:
        done = product.pinshim("status")
        doctor = product.pinshim("doctor", program.pid)
        found = examination.row(program.pid)
    assert done.returncode == 0
    for output in done.stdout, doctor.stdout:
        assert re.fullmatch(r"[ -~\n]*", output)
    assert found["state"] in ("yes", "unknown")
    if found["last_verdict"]:
        assert found["last_verdict"]["verdict"] == found["last_verdict"]["outcome"] == "unknown"
        assert found["last_verdict"]["host"] == "\033" * 253


def test_a_library_without_what_it_should_publish_is_unknown(folder):
    library = c_programs.library(folder, "libpinshim.so", "int nothing = 1;")
    env = {**processes.plain_environment(folder), "LD_PRELOAD": str(library)}
    with examination.python(folder, env=env) as program:
        found = examination.row(program.pid)
    assert (found["state"], found["protected"], found["policy"]) == ("unknown", None, None)


def test_a_name_that_a_terminal_would_obey(folder):
    code = "open('/proc/self/comm', 'w').write('a\\x1b[31m\\tb')"
    with examination.python(folder, code) as program:
        line = examination.line(program.pid)
        assert "\x1b" not in line and "a?[31m?b" in line


# --- the host


def test_the_table_counts_what_it_shows():
    done = product.pinshim("status")
    lines = done.stdout.splitlines()
    titles = lines[0].split()
    assert titles[:6] == ["PID", "USER", "PROGRAM", "TLS", "PROTECTED", "POLICY"]
    total = re.match(r"(\d+) processes: ", lines[-1])
    assert int(total[1]) == len(lines) - 3
    assert sum(map(int, re.findall(r" (\d+) ", lines[-1].partition(":")[2]))) == int(total[1])


def test_the_kernel_s_own_threads_and_the_dead_are_left_out(folder):
    dead = subprocess.Popen(["true"])
    try:
        os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
        found = examination.status()
    finally:
        dead.wait()
    pids = [row["pid"] for row in found]
    assert dead.pid not in pids and os.getpid() in pids
    assert pids == sorted(pids)


def test_three_hundred_processes(folder, policy):
    """Bounded generously: docs/performance.md has the figure."""
    program = c_programs.waiting(
        folder,
        "client",
        "-lssl",
        source="int OPENSSL_init_ssl(long, void *);\n",
        before="if (!OPENSSL_init_ssl(0, 0)) return 1;",
    )
    env = product.preloaded(folder, policies.image_of(policy))
    ours, theirs = os.pipe()
    started = []
    try:
        for _ in range(300):
            started.append(subprocess.Popen([program], env=env, stdin=ours, stdout=subprocess.PIPE))
        for process in started:
            assert process.stdout.readline() == b"ready\n"
        begin = time.monotonic()
        found = {row["pid"]: row["state"] for row in examination.status()}
        took = time.monotonic() - begin
    finally:
        os.close(theirs)
        os.close(ours)
        for process in started:
            process.send_signal(signal.SIGKILL)
            process.wait(processes.STOP_TIMEOUT)
            process.stdout.close()
    assert {found[process.pid] for process in started} == {"yes"}
    assert took < 20
    print(f"status of {len(found)} processes: {took:.3f} s")
