/* The agent's sockets as macOS has them, and both their ends. */
#ifndef PINSHIM_TESTS_UNIT_MACOS_AGENT_H
#define PINSHIM_TESTS_UNIT_MACOS_AGENT_H

#include "tests/unit/macos_names.h"
#include "tests/unit/unit.h"

// NOLINTBEGIN(bugprone-suspicious-include)
#include "agent/askers.c"
#include "agent/event_source_macos.c"
#include "agent/packet_macos.c"
#include "shim/agent_socket_macos.c"
// NOLINTEND(bugprone-suspicious-include)

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { PATIENCE = 10 * 1000 /* milliseconds, before a test fails */ };

static char folder[] = "/tmp/pinshim-agent-macos-XXXXXX";
static struct askers askers;
static int requests, events;

static inline int listener_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fd, 128), 0);
    return fd;
}

static inline void begin(void)
{
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
    (void)signal(SIGPIPE, SIG_IGN);
    requests = listener_at(AGENT_SOCKET);
    events = listener_at(AGENT_EVENTS_SOCKET);
    askers_begin(&askers);
    event_source_begin(events);
}

static inline void end(void)
{
    (void)unlink(AGENT_SOCKET);
    (void)unlink(AGENT_EVENTS_SOCKET);
    ck_assert_int_eq(rmdir(folder), 0);
}

/* What `act` says in a process of its own. */
static inline pid_t child_that(bool (*act)(void))
{
    const pid_t child = fork();
    if (child == 0)
        _exit(act() ? 1 : 0);
    ck_assert_int_gt(child, 0);
    return child;
}

static inline bool said_by(pid_t child)
{
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status) == 1;
}

/* As unit_run, with these sockets. */
static inline int run(const char *name, TCase *tests)
{
    tcase_add_checked_fixture(tests, begin, end);
    return unit_run(name, tests);
}

#endif
