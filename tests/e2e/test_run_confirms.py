"""pinshim run: sees for itself that the library came up, before the program's first instruction."""

import os
import shutil
import signal
import subprocess

import processes
import product
import pytest
from c_programs import compiled_c, library

# What a program can find out about how it was started.
SURROUNDINGS = """
import os, signal
status = open("/proc/self/status").read()
print(os.getppid(), os.getsid(0), os.getpgid(0), sorted(os.listdir("/proc/self/fd")))
print(*[line for line in status.splitlines() if line.startswith(("TracerPid", "SigPnd", "SigBlk", "SigIgn", "ShdPnd"))])
print(signal.sigpending(), signal.pthread_sigmask(signal.SIG_BLOCK, []))
try:
    print(os.waitpid(-1, os.WNOHANG))
except ChildProcessError:
    print("no child")
"""
# An auditor (rtld-audit(7)) that keeps one library out, but not from `ld.so --list`.
AUDITOR = r"""
#define _GNU_SOURCE
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>
unsigned la_version(unsigned version) { return version; }
char *la_objsearch(const char *name, uintptr_t *cookie, unsigned flag)
{
    char words[4096] = "";
    int fd = open("/proc/self/cmdline", O_RDONLY);
    ssize_t length = read(fd, words, sizeof words - 1);
    close(fd);
    int listing = length > 0 && memmem(words, length, "--list", 6) != NULL;
    return !listing && strstr(name, "libpinshim.so") ? NULL : (char *)name;
}
"""
MAIN = '#include <unistd.h>\nint main(void) { write(1, "ran\\n", 4); return 3; }'
NO_SANITIZERS = pytest.mark.skipif(
    bool(product.sanitizers()), reason="a sanitizer's runtime wants no auditor beside it"
)


@pytest.fixture
def program(tmp_path):
    """A program that says that it ran, and exits with 3."""
    return compiled_c(tmp_path, "program", MAIN)


def started_in(constructor, folder):
    """The variables with a preload that does this before `program` begins, and nothing in others."""
    source = f"""
        #define _GNU_SOURCE
        #include <errno.h>
        #include <signal.h>
        #include <stdlib.h>
        #include <string.h>
        #include <unistd.h>
        __attribute__((constructor)) static void begin(void)
        {{
            if (strcmp(program_invocation_short_name, "program") == 0) {{ {constructor} }}
        }}"""
    return product.command_environment(LD_PRELOAD=library(folder, "libother.so", source))


def test_program_finds_nothing_of_it(policy_file):
    """Its id, parent, session, group, files, signals and children are what they are without."""
    words = ["python3", "-S", "-c", SURROUNDINGS]
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
    try:
        seen = [
            product.run([*run, *words], product.command_environment()).stdout
            for run in ((), product.under_shim(policy_file))
        ]
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
    assert seen[0] == seen[1]
    assert "TracerPid:\t0" in seen[0] and "no child" in seen[0]


def test_program_keeps_the_process(policy_file):
    words = [*product.under_shim(policy_file), "sh", "-c", "echo $$"]
    with subprocess.Popen(
        list(map(str, words)), stdout=subprocess.PIPE, env=product.command_environment()
    ) as process:
        assert int(process.stdout.read()) == process.pid


@NO_SANITIZERS
def test_what_the_loader_leaves_out_does_not_run(program, policy_file, tmp_path):
    """It takes the library when it is asked, and not when it counts."""
    auditor = library(tmp_path, "libauditor.so", AUDITOR)
    env = product.command_environment(LD_AUDIT=auditor)
    result = product.pinshim("run", "--config", policy_file, program, env=env)
    assert (result.returncode, result.stdout) == (126, "")
    line = f"pinshim run: {program}: can't be protected: its loader didn't take the library\n"
    assert result.stderr.endswith(line)
    result = product.pinshim("run", "-b", "--config", policy_file, program, env=env)
    assert (result.returncode, result.stdout) == (3, "ran\n")
    assert "warning" in result.stderr and "not protected" in result.stderr
    assert product.pinshim("run", "--config", policy_file, program).returncode == 3


@NO_SANITIZERS
def test_another_library_of_the_name_does_not_pass(program, policy_file, tmp_path):
    copy = tmp_path / "bin"
    copy.mkdir()
    shutil.copy(product.PINSHIM, copy)
    shutil.copy(product.BUILD / "libpinshim-compile.so", copy)
    library(copy, product.LIBRARY.name, "int nothing = 1;")
    words = [copy / "pinshim", "run", "--config", policy_file, program]
    result = product.run(words, product.command_environment())
    assert (result.returncode, result.stdout) == (126, "")
    assert "the library tells nothing of itself" in result.stderr


@pytest.mark.parametrize(
    "constructor, status, output",
    [
        ("", 3, "ran\n"),
        ("_exit(5);", 5, ""),
        ("kill(getpid(), SIGTERM);", -signal.SIGTERM, ""),
        ("if (fork() == 0) _exit(5);", 3, "ran\n"),
        ("fork();", 3, "ran\nran\n"),
        ("signal(SIGUSR1, SIG_IGN); raise(SIGUSR1);", 3, "ran\n"),
        ('if (!getenv("AGAIN")) { setenv("AGAIN", "1", 1); execl("{}", "{}", NULL); }', 3, "ran\n"),
    ],
    ids=("nothing", "ends", "signal", "child", "twice", "ignored", "exec"),
)
def test_what_constructors_do_stays_what_it_is(
    constructor, status, output, program, policy_file, tmp_path
):
    env = started_in(constructor.replace("{}", str(program)), tmp_path)
    result = product.run([*product.under_shim(policy_file), program], env)
    assert (result.returncode, result.stdout, result.stderr) == (status, output, "")


def test_program_may_be_stopped_while_it_is_loaded(program, policy_file, tmp_path):
    env = started_in("raise(SIGSTOP);", tmp_path)
    words = [*product.under_shim(policy_file), program]
    with subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, env=env) as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGSTOP
        process.send_signal(signal.SIGCONT)
        assert process.stdout.read() == b"ran\n"
        assert process.wait(processes.STOP_TIMEOUT) == 3


def test_under_a_tracer_it_says_that_it_can_not_look(program, policy_file, tmp_path):
    words = ["strace", "-f", "-o", tmp_path / "trace", *product.under_shim(policy_file), program]
    result = product.run(words, product.command_environment())
    assert (result.returncode, result.stdout) == (3, "ran\n")
    assert f"{program}: can't confirm that the library comes up in it" in result.stderr
