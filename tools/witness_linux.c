#include "tools/witness.h"

#include "tools/auxiliary_vector.h"
#include "tools/mapping.h"
#include "tools/process.h"
#include "tools/report.h"
#include "tools/trap.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OPTIONS = PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL };

/* NULL: the library is there, and has what it needs. */
static const char *fault_of(pid_t pid, const struct testimony *testimony)
{
    struct published published;
    if (!process_read_library(pid, testimony->library, &published))
        return "its loader didn't take the library";
    if (published.publication != PUBLICATION_READ)
        return "the library tells nothing of itself";
    if (testimony->policy && published.policy == POLICY_STATE_NONE)
        return "the library found no policy";
    return NULL;
}

/* At the program's first instruction. */
static void look(pid_t pid, const struct testimony *testimony, const struct trap *trap, int status)
{
    const char *fault = fault_of(pid, testimony);
    if (!fault)
        return;
    if (testimony->tolerant) {
        report_warning("%s: not protected: %s", testimony->name, fault);
        return;
    }
    report_error("%s: can't be protected: %s", testimony->name, fault);
    if (!trap_exit(pid, trap, status))
        (void)kill(pid, SIGKILL);
}

/* What the process is to get of a stop: a signal that was for it, or none. */
static int signal_of(int status)
{
    return status >> 16 ? 0 : WSTOPSIG(status);
}

static bool is_job_stop(int status)
{
    return status >> 16 == PTRACE_EVENT_STOP && WSTOPSIG(status) != SIGTRAP;
}

/* A constructor has forked: its child is let go, as it would be without us. */
static void release_child(pid_t pid, const struct trap *trap)
{
    unsigned long child = 0;
    if (ptrace(PTRACE_GETEVENTMSG, pid, NULL, &child) != 0 || waitpid((pid_t)child, NULL, __WALL) < 0)
        return;
    trap_remove((pid_t)child, trap);
    (void)ptrace(PTRACE_DETACH, (pid_t)child, NULL, NULL);
}

static void set_trap(pid_t pid, struct trap *trap)
{
    const uintptr_t entry = (uintptr_t)auxiliary_value(pid, AT_ENTRY);
    if (!entry || !trap_set(pid, entry, trap))
        (void)kill(pid, SIGKILL);
}

/* From its exec to its first instruction. */
static void attend(pid_t pid, const struct testimony *testimony, int exit_status)
{
    struct trap trap = {0};
    int status, request = PTRACE_CONT;
    while (request != PTRACE_DETACH && waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
        long number = signal_of(status);
        request = is_job_stop(status) ? PTRACE_LISTEN : PTRACE_CONT;
        if (status >> 16 == PTRACE_EVENT_EXEC)
            set_trap(pid, &trap);
        else if (status >> 16 == PTRACE_EVENT_FORK)
            release_child(pid, &trap);
        else if (number == SIGTRAP && trap.address && trap_clear(pid, &trap)) {
            look(pid, testimony, &trap, exit_status);
            request = PTRACE_DETACH;
            number = 0;
        }
        (void)ptrace(request, pid, NULL, number);
    }
}

/* Can this process look into that one? A filter that kills for it does so before anything is at stake. */
static bool can_read(pid_t pid)
{
    static int probe;
    int copy;
    const struct iovec local = {&copy, sizeof copy}, remote = {&probe, sizeof probe};
    return process_vm_readv(pid, &local, 1, &remote, 1, 0) == sizeof copy;
}

/* The process beside: its first word to `told` is 0 or an errno. */
static void stand_by(pid_t pid, int told, const struct testimony *testimony, int exit_status)
{
    const int answer = dup2(told, STDOUT_FILENO);
    (void)close_range(STDERR_FILENO + 1, ~0U, 0);
    (void)setsid(); /* the terminal's signals are for the program */
    (void)signal(SIGCHLD, SIG_DFL);
    int error = 0;
    if (!can_read(pid) || ptrace(PTRACE_SEIZE, pid, NULL, (long)OPTIONS) != 0)
        error = errno;
    if (write(answer, &error, sizeof error) != sizeof error || error)
        return;
    close(answer);
    close(STDIN_FILENO);
    attend(pid, testimony, exit_status);
}

bool witness_begin(const struct testimony *testimony, int status, const char **reason)
{
    int ends[2], error;
    const pid_t own = getpid();
    if (pipe2(ends, O_CLOEXEC) != 0) {
        *reason = strerror(errno);
        return false;
    }
    (void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0); /* Yama: a child may not, unless it is let */
    const pid_t middle = fork();
    if (middle == 0) {
        if (fork() == 0) /* nobody's child, whose end would reach the program */
            stand_by(own, ends[1], testimony, status);
        _exit(0);
    }
    close(ends[1]);
    const bool told = read(ends[0], &error, sizeof error) == sizeof error;
    close(ends[0]);
    if (middle > 0)
        (void)waitpid(middle, NULL, 0);
    (void)prctl(PR_SET_PTRACER, 0, 0, 0, 0);
    *reason = told ? strerror(error) : "no process can be begun, or used, for that";
    return told && error == 0;
}
