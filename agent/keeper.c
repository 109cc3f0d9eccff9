#include "agent/keeper.h"

#include "agent/body.h"
#include "agent/link.h"
#include "agent/signals.h"
#include "bundle/envelope.h"
#include "tools/report.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static enum install_outcome take(struct installer *installer, int body, const char etag[ETAG_SIZE])
{
    struct stat status;
    if (!body_is_fit(body) || fstat(body, &status) != 0)
        return INSTALL_REFUSED;
    if (status.st_size == 0 || status.st_size > BUNDLE_SIZE_LIMIT) {
        report_error("refused a bundle: it is %s", status.st_size ? "larger than 16 MB" : "empty");
        return INSTALL_REFUSED;
    }
    const size_t size = (size_t)status.st_size;
    const void *bytes = body_read(body, size);
    if (!bytes) {
        report_error("a bundle can't be read: %s", strerror(errno));
        return INSTALL_REFUSED;
    }
    const enum install_outcome outcome = installer_take(installer, bytes, size, etag);
    body_free(bytes, size);
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
    const int signal = signals_take(signals);
    if (!signal)
        return true;
    *exit_status = signal == SIGCHLD ? 1 : 0;
    if (signal == SIGHUP)
        return read_again(installer, link);
    return signal == SIGCHLD && !has_ended(front);
}

int keeper_serve(struct installer *installer, int link, int signals, pid_t front)
{
    struct pollfd sources[] = {{.fd = signals, .events = POLLIN}, {.fd = link, .events = POLLIN}};
    enum { LAST_MOMENT = 5000 /* milliseconds */ };
    int exit_status = 1;
    bool serving = signals >= 0 && reply(installer, link, LINK_SETTINGS, true);
    while (serving) {
        if (poll(sources, 2, -1) < 0) {
            if (errno != EINTR)
                return 1;
            continue;
        }
        if (sources[0].revents)
            serving = obey(installer, link, front, signals, &exit_status);
        if (serving && sources[1].revents && !answer_request(installer, link)) {
            serving = false;
            (void)poll(sources, 1, LAST_MOMENT); /* its descriptors are closed before it has ended */
            (void)has_ended(front);
        }
    }
    return exit_status;
}
