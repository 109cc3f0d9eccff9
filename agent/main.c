/* pinshim-agent: fetches signed policies and puts them in force. */
#include "agent/drop.h"
#include "agent/fetch_job.h"
#include "agent/front.h"
#include "agent/installer.h"
#include "agent/keeper.h"
#include "agent/link.h"
#include "agent/paths.h"
#include "agent/signals.h"
#include "agent/sockets.h"
#include "bundle/envelope.h"
#include "shim/agent_protocol.h"
#include "tools/options.h"
#include "tools/report.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OK = 0, FAILED = 1, UNUSABLE = 2 /* another start would end the same way */ };

static const char help[] =
    "usage: pinshim-agent\n"
    "       pinshim-agent install BUNDLE\n"
    "\n"
    "Fetches signed policies (pinshim bundle) from the URL that agent.url of\n" AGENT_LOCAL_POLICY
    " names, verifies, compiles and installs them.\n"
    "Runs until it is told to end by SIGTERM; SIGHUP makes it read its settings\n"
    "again and fetch now, as pinshim refresh does.\n"
    "\n"
    "install takes one from a file, by the same rules, while no agent runs.\n"
    "\n"
    "  -h, --help     this text\n"
    "  -V, --version  the version\n"
    "\n"
    "Exit status: 0 done; 1 errors; 2 usage, or settings that it can't work with.\n";

static bool fail(const char *what)
{
    report_error("%s: %s", what, strerror(errno));
    return false;
}

/* One at a time; the lock ends with this process. */
static bool lock(void)
{
    if ((mkdir(AGENT_FOLDER, 0755) != 0 && errno != EEXIST) ||
        (mkdir(AGENT_STATE_FOLDER, 0755) != 0 && errno != EEXIST))
        return fail(AGENT_FOLDER ", " AGENT_STATE_FOLDER);
    const int fd = open(AGENT_LOCK, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(AGENT_LOCK);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return true; /* open until the end */
    report_error("another pinshim-agent runs: stop it first");
    return false;
}

/* macOS gives a service 256 descriptors, and has poll(2) look at no more than that. */
static void allow_descriptors(void)
{
    enum { NEEDED = 1024 };
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= NEEDED)
        return;
    limit.rlim_cur = limit.rlim_max < NEEDED ? limit.rlim_max : NEEDED;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* The child keeps the three descriptors that it needs, and no signal blocked. */
static int run_front(int listener, int events, int link)
{
    sigset_t none;
    sigemptyset(&none);
    allow_descriptors();
    if (!drop_privileges())
        return FAILED;
    (void)signal(SIGHUP, SIG_IGN);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGTERM, SIG_IGN); /* it ends with the link, and has kept every event by then */
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    return front_serve(listener, events, link);
}

/* It has a second to keep the events that have come; processes send no more once the sockets are gone. */
static void end_front(int link, int signals, pid_t front)
{
    enum { PATIENCE = 1000 };
    struct pollfd ended = {.fd = signals, .events = POLLIN};
    (void)unlink(AGENT_SOCKET);
    (void)unlink(AGENT_EVENTS_SOCKET);
    close(link);
    while (waitpid(front, NULL, WNOHANG) == 0 && poll(&ended, 1, PATIENCE) != 0)
        (void)!signals_take(signals);
}

static int serve(struct installer *installer)
{
    int ends[2];
    const int listener = socket_open(AGENT_SOCKET, SOCKET_REQUESTS);
    const int events = listener < 0 ? -1 : socket_open(AGENT_EVENTS_SOCKET, SOCKET_EVENTS);
    if (events < 0)
        return FAILED;
    if (!link_pair(ends)) {
        fail("socketpair");
        return FAILED;
    }
    signals_block();
    const pid_t front = fork();
    if (front == 0) {
        close(ends[0]);
        _exit(run_front(listener, events, ends[1]));
    }
    close(ends[1]);
    close(listener);
    close(events);
    if (front < 0) {
        fail("fork");
        return FAILED;
    }
    const int signals = signals_open();
    const int status = keeper_serve(installer, ends[0], signals, front);
    end_front(ends[0], signals, front);
    return status;
}

static int install(struct installer *installer, const char *path)
{
    static const char no_etag[ETAG_SIZE];
    FILE *file = fopen(path, "re");
    uint8_t *bytes = malloc(BUNDLE_SIZE_LIMIT + 1);
    if (!file || !bytes) {
        fail(path);
        free(bytes);
        return FAILED;
    }
    const size_t size = fread(bytes, 1, BUNDLE_SIZE_LIMIT + 1, file);
    (void)fclose(file);
    const enum install_outcome outcome = installer_take(installer, bytes, size, no_etag);
    if (outcome == INSTALL_CURRENT)
        report_note("it is in force already");
    free(bytes);
    return outcome == INSTALL_REFUSED ? FAILED : OK;
}

/* `bundle`: a file to install; NULL: serve. */
static int start(const char *bundle)
{
    static struct installer installer;
    char path[PATH_MAX];
    if (geteuid() != 0) {
        report_error("only root may put a policy in force");
        return UNUSABLE;
    }
    if (bundle && !realpath(bundle, path)) {
        fail(bundle);
        return FAILED;
    }
    umask(022);
    (void)signal(SIGPIPE, SIG_IGN);
    if (chdir("/") != 0 || !lock())
        return FAILED;
    if (!installer_start(&installer))
        return UNUSABLE;
    return bundle ? install(&installer, path) : serve(&installer);
}

int main(int argc, char **argv)
{
    static const struct option longs[] = {OPTIONS_COMMON};
    const struct options options = {help, "+hV", longs, UNUSABLE};
    int status;
    report_begin("pinshim-agent");
    if (argc > 1 && strcmp(argv[1], "fetch") == 0)
        return fetch_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "report") == 0)
        return report_main(argc - 1, argv + 1);
    if (options_next(argc, argv, &options, &status) != OPTIONS_END)
        return status;
    if (optind == argc)
        return start(NULL);
    if (argc - optind == 2 && strcmp(argv[optind], "install") == 0)
        return start(argv[optind + 1]);
    report_error("nothing, or install and a BUNDLE; see pinshim-agent --help");
    return UNUSABLE;
}
