/* pinshim refresh: tells the agent to look for a newer policy now. */
#include "shim/agent_protocol.h"
#include "tools/agent_link.h"
#include "tools/command.h"
#include "tools/options.h"
#include "tools/report.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] = "usage: pinshim refresh\n"
                           "\n"
                           "Tells pinshim-agent to look for a newer policy now, and waits for the outcome.\n"
                           "For others than root it looks once in ten seconds at most.\n"
                           "\n"
                           "  -h, --help     this text\n"
                           "  -V, --version  the version\n"
                           "\n"
                           "Exit status: 0 the newest policy is in force; 1 errors; 2 usage.\n";

enum { PATIENCE = 120 /* seconds: a fetch and an install take less, or are given up */ };

/* -1, reported. */
static int connect_to_agent(void)
{
    errno = 0;
    const int fd = agent_link_open(PATIENCE);
    if (fd >= 0)
        return fd;
    if (errno == ENOENT || errno == ECONNREFUSED)
        report_error("pinshim-agent doesn't run");
    else
        report_error(AGENT_SOCKET ": %s", errno ? strerror(errno) : "isn't root's");
    return -1;
}

static bool understand(const char *answer)
{
    if (strcmp(answer, AGENT_ANSWER_INSTALLED) == 0)
        puts("a newer policy was installed");
    else if (strcmp(answer, AGENT_ANSWER_CURRENT) == 0)
        puts("the newest policy is in force");
    else if (strcmp(answer, AGENT_ANSWER_FAILED) == 0)
        report_error("no policy could be fetched or installed: the agent's log says why");
    else
        report_error("the agent has too much to do");
    return strcmp(answer, AGENT_ANSWER_INSTALLED) == 0 || strcmp(answer, AGENT_ANSWER_CURRENT) == 0;
}

int refresh_main(int argc, char **argv)
{
    static const struct option longs[] = {OPTIONS_COMMON};
    const struct options options = {help, "hV", longs, STATUS_USAGE};
    char answer[AGENT_ANSWER_SIZE + 1] = "";
    int status;
    if (options_next(argc, argv, &options, &status) != OPTIONS_END)
        return status;
    if (optind < argc) {
        report_error("nothing more can be said; see pinshim refresh --help");
        return STATUS_USAGE;
    }
    const int fd = connect_to_agent();
    if (fd < 0)
        return STATUS_ERROR;
    agent_link_ask(fd, AGENT_REFRESH, answer, AGENT_ANSWER_SIZE);
    close(fd);
    return understand(answer) ? STATUS_OK : STATUS_ERROR;
}
