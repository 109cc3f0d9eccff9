#include "agent/keeper.h"

#include "agent/link.h"
#include "bundle/envelope.h"
#include "config/map.h"
#include "tools/report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static sigset_t waited_for(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGHUP);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGCHLD);
    return signals;
}

void keeper_block_signals(void)
{
    const sigset_t signals = waited_for();
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
}

/* Only a memory file can be sealed: its reader neither waits for anybody, nor is it changed or cut meanwhile.
 */
static bool is_sealed(int body)
{
    const int needed = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW, seals = fcntl(body, F_GET_SEALS);
    return seals >= 0 && (seals & needed) == needed;
}

static enum install_outcome take(struct installer *installer, int body, const char etag[ETAG_SIZE])
{
    struct stat status;
    size_t size;
    if (body < 0 || !is_sealed(body) || fstat(body, &status) != 0) {
        report_error("the front has sent what is no sealed memory");
        return INSTALL_REFUSED;
    }
    if (status.st_size == 0 || status.st_size > BUNDLE_SIZE_LIMIT) {
        report_error("refused a bundle: it is %s", status.st_size ? "larger than 16 MB" : "empty");
        return INSTALL_REFUSED;
    }
    const void *bytes = map_file(body, &size);
    if (!bytes) {
        report_error("a bundle can't be read: %s", strerror(errno));
        return INSTALL_REFUSED;
    }
    const enum install_outcome outcome = installer_take(installer, bytes, size, etag);
    map_free(bytes, size);
    return outcome;
}

static bool reply(const struct installer *installer, int link, enum link_outcome outcome, bool fetch_now)
{
    struct link_reply packet = {
        .outcome = outcome, .interval = installer->settings.interval, .fetch_now = fetch_now};
    memcpy(packet.url, installer->settings.url, URL_SIZE);
    memcpy(packet.etag, installer->past.etag, ETAG_SIZE);
    return link_send(link, &packet, sizeof packet, -1);
}

static bool answer_request(struct installer *installer, int link)
{
    static const enum link_outcome outcomes[] = {
        [INSTALL_REFUSED] = LINK_REFUSED, [INSTALL_CURRENT] = LINK_CURRENT, [INSTALL_DONE] = LINK_INSTALLED};
    struct link_request request = {0};
    int body;
    enum install_outcome outcome = INSTALL_REFUSED;
    if (!link_receive(link, &request, sizeof request, &body))
        return false;
    const bool understood = link_etag_is_fine(request.etag);
    if (understood && request.kind == LINK_BUNDLE)
        outcome = take(installer, body, request.etag);
    else if (understood && request.kind == LINK_UNCHANGED)
        outcome = installer_confirm(installer);
    if (body >= 0)
        close(body);
    return reply(installer, link, outcomes[outcome], false);
}

/* The settings that were in force stay so where the new ones are none. */
static bool read_again(struct installer *installer, int link)
{
    report_note("SIGHUP: reading the settings, and looking for a newer policy");
    struct installer fresh = {.told_age = installer->told_age};
    if (installer_start(&fresh))
        *installer = fresh;
    else
        report_error("the settings stay as they were");
    return reply(installer, link, LINK_SETTINGS, true);
}

static bool has_ended(pid_t front)
{
    int status;
    if (waitpid(front, &status, WNOHANG) != front)
        return false;
    report_error("the front has ended (%s %d)", WIFSIGNALED(status) ? "signal" : "status",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    return true;
}

/* False: *exit_status is this process's. */
static bool obey(struct installer *installer, int link, pid_t front, int signals, int *exit_status)
{
    struct signalfd_siginfo signal;
    if (read(signals, &signal, sizeof signal) != sizeof signal)
        return true;
    *exit_status = signal.ssi_signo == SIGCHLD ? 1 : 0;
    if (signal.ssi_signo == SIGHUP)
        return read_again(installer, link);
    return signal.ssi_signo == SIGCHLD && !has_ended(front);
}

int keeper_serve(struct installer *installer, int link, pid_t front)
{
    const sigset_t waited = waited_for();
    struct pollfd sources[] = {{.fd = signalfd(-1, &waited, SFD_CLOEXEC | SFD_NONBLOCK), .events = POLLIN},
                               {.fd = link, .events = POLLIN}};
    enum { LAST_MOMENT = 5000 /* milliseconds */ };
    int exit_status = 1;
    bool serving = sources[0].fd >= 0 && reply(installer, link, LINK_SETTINGS, true);
    while (serving) {
        if (poll(sources, 2, -1) < 0 && errno != EINTR)
            return 1;
        if (sources[0].revents)
            serving = obey(installer, link, front, sources[0].fd, &exit_status);
        if (serving && sources[1].revents && !answer_request(installer, link)) {
            serving = false;
            (void)poll(sources, 1, LAST_MOMENT); /* its descriptors are closed before it has ended */
            (void)has_ended(front);
        }
    }
    return exit_status;
}
