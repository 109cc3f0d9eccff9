#include "agent/events.h"

#include "agent/event_line.h"
#include "agent/event_source.h"
#include "shim/system.h"
#include "tools/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    AT_ONCE = 256,          /* events, before others have their turn */
    DROPS_PAUSE = 1000,     /* milliseconds between two lines about one user's drops */
    MOST = 16 * 1024 * 1024 /* bytes of a file */
};

void events_begin(struct events *events, int64_t now)
{
    *events = (struct events){.file.fd = -1};
    reports_begin(&events->reports, now);
    (void)event_settings_look(&events->settings);
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

static void take(struct events *events, const struct event_packet *packet, int64_t now)
{
    char line[EVENT_LINE_SIZE];
    size_t length;
    struct event_allowance *allowance = event_limit_of(&events->limit, packet->sender.uid, now);
    if (!event_allowance_take(allowance, now) ||
        !event_line_take(packet->bytes, packet->size, &packet->sender, line, &length) ||
        !keep(events, line, length, now))
        drop(events, allowance, now);
}

void events_take(struct events *events, int64_t now)
{
    struct event_packet packet;
    open_file(events);
    for (int i = 0; i < AT_ONCE && event_source_next(&packet, now); i++)
        take(events, &packet, now);
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
    struct event_packet packet;
    open_file(events);
    while (event_source_next(&packet, now))
        take(events, &packet, now);
    event_file_close(&events->file);
    events->next_drops = events->next_drops ? now : 0;
    events_tell_drops(events, now);
}
