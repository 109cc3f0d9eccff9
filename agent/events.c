#include "agent/events.h"

#include "agent/event_line.h"
#include "shim/system.h"
#include "tools/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
    AT_ONCE = 256,          /* events, before others have their turn */
    DROPS_PAUSE = 1000,     /* milliseconds between two lines about one user's drops */
    MOST = 16 * 1024 * 1024 /* bytes of a file */
};

void events_begin(struct events *events, int socket, int64_t now)
{
    const int on = 1;
    *events = (struct events){.socket = socket, .file.fd = -1};
    reports_begin(&events->reports, now);
    (void)event_settings_look(&events->settings);
    if (socket >= 0 && setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0)
        report_error("events: %s", strerror(errno)); /* all of them will lack a sender, and be dropped */
}

/* The file is opened for some events, not for good: somebody may move it away. */
static void open_file(struct events *events)
{
    (void)event_settings_look(&events->settings);
    const char *path = events->settings.file;
    if (!path[0] || event_file_open(&events->file, path, MOST)) {
        events->told = false;
        return;
    }
    if (!events->told)
        report_error("%s: %s: events go to the system's log alone", path, strerror(errno));
    events->told = true;
}

/* False: nobody has it. */
static bool keep(struct events *events, const char *line, size_t length, int64_t now)
{
    if (events->settings.report_url[0])
        reports_add(&events->reports, line, length, now);
    const bool written = events->file.fd >= 0 && event_file_append(&events->file, line, length);
    const bool wanted = events->settings.syslog || (!written && events->file.fd < 0);
    if (wanted)
        system_log(SYSTEM_WARNING, line, length - 1);
    return written || wanted;
}

static void drop(struct events *events, struct event_allowance *allowance, int64_t now)
{
    allowance->dropped++;
    if (events->next_drops == 0)
        events->next_drops = now + DROPS_PAUSE;
}

static void take(struct events *events, const char *packet, size_t size, const struct event_sender *sender,
                 int64_t now)
{
    char line[EVENT_LINE_SIZE];
    size_t length;
    struct event_allowance *allowance = event_limit_of(&events->limit, sender->uid, now);
    if (!event_allowance_take(allowance, now) || !event_line_take(packet, size, sender, line, &length) ||
        !keep(events, line, length, now))
        drop(events, allowance, now);
}

/* Nobody: who can't be told apart shares one place. */
static struct event_sender sender_of(struct msghdr *message)
{
    const struct cmsghdr *control = CMSG_FIRSTHDR(message);
    struct ucred user = {.uid = UINT32_MAX};
    if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_CREDENTIALS)
        memcpy(&user, CMSG_DATA(control), sizeof user);
    return (struct event_sender){.pid = (uint32_t)user.pid, .uid = user.uid};
}

/* False: there is none. Descriptors that come along find no room, and are closed by the kernel. */
static bool receive(struct events *events, int64_t now)
{
    char packet[EVENT_LINE_SIZE];
    union {
        char bytes[CMSG_SPACE(sizeof(struct ucred))];
        struct cmsghdr aligned;
    } control;
    struct iovec part = {packet, sizeof packet};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof control.bytes};
    const ssize_t size = recvmsg(events->socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (size < 0)
        return errno == EINTR;
    const struct event_sender sender = sender_of(&message);
    /* Cut: no event is as long as that, and what is left of it no JSON. */
    take(events, packet, message.msg_flags & MSG_TRUNC ? 0 : (size_t)size, &sender, now);
    return true;
}

void events_take(struct events *events, int64_t now)
{
    open_file(events);
    for (int i = 0; i < AT_ONCE && receive(events, now); i++)
        ;
    event_file_close(&events->file);
}

static void tell_of(struct events *events, struct event_allowance *allowance, int64_t now)
{
    char line[128], stamp[32];
    struct tm utc;
    const time_t today = time(NULL);
    (void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&today, &utc));
    const int length =
        snprintf(line, sizeof line,
                 "{\"time\":\"%s\",\"event\":\"dropped\",\"uid\":%" PRIu32 ",\"count\":%" PRIu64 "}\n", stamp,
                 allowance->uid, allowance->dropped);
    if (keep(events, line, (size_t)length, now))
        allowance->dropped = 0;
}

void events_tell_drops(struct events *events, int64_t now)
{
    if (events->next_drops == 0 || now < events->next_drops)
        return;
    open_file(events);
    events->next_drops = 0;
    for (int i = 0; i < EVENT_USERS; i++)
        if (events->limit.users[i].dropped > 0) {
            tell_of(events, &events->limit.users[i], now);
            if (events->limit.users[i].dropped > 0) /* the disk is full: later */
                events->next_drops = now + DROPS_PAUSE;
        }
    event_file_close(&events->file);
}

void events_end(struct events *events, int64_t now)
{
    open_file(events);
    while (receive(events, now))
        ;
    event_file_close(&events->file);
    events->next_drops = events->next_drops ? now : 0;
    events_tell_drops(events, now);
}
