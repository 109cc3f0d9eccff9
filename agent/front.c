#include "agent/front.h"

#include "agent/askers.h"
#include "agent/clock.h"
#include "agent/event_source.h"
#include "agent/events.h"
#include "agent/fetch_job.h"
#include "agent/link.h"
#include "agent/timer.h"
#include "shim/agent_protocol.h"
#include "shim/system.h"
#include "tools/preload.h"
#include "tools/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    ASKED_PAUSE = 10 * 1000,   /* milliseconds between two fetches for askers' sake */
    LONGEST_SLEEP = 60 * 1000, /* poll(2) doesn't count a suspended machine's time */
};

enum stage { IDLE, FETCHING, INSTALLING };

enum {
    LISTENER,
    LINK,
    FETCH,
    REPORT,
    FIRST_ASKER,
    FIRST_EVENT = FIRST_ASKER + ASKERS,
    SOURCES = FIRST_EVENT + EVENT_SOURCES
};

struct front {
    int listener, link;
    char library[PATH_MAX];
    struct askers askers;
    struct events events;
    enum stage stage;
    struct fetch_job job;
    struct link_reply settings; /* the last reply */
    unsigned failures;          /* in a row */
    bool good;                  /* the last one was none */
    bool again;                 /* once this one is done */
    bool whole;                 /* the next one takes no "unchanged" for an answer */
    int64_t next;               /* the next fetch */
    bool asked;                 /* this one is for askers' sake */
    int64_t asked_ended;        /* the end of the last of those */
};

static int64_t delay_of(const struct front *front)
{
    return timer_delay(front->settings.interval, front->failures, (uint32_t)system_random());
}

static void end_fetch(struct front *front, const char *answer)
{
    front->good = strcmp(answer, AGENT_ANSWER_FAILED) != 0;
    front->failures = front->good ? 0 : front->failures + 1;
    front->stage = IDLE;
    const int64_t now = clock_now();
    front->next = front->again ? now : now + delay_of(front);
    if (front->asked)
        front->asked_ended = now;
    front->asked = false;
    front->again = false;
    askers_answer_all(&front->askers, answer);
}

static void start_fetch(struct front *front)
{
    if (front->stage != IDLE)
        return;
    const char *etag = front->whole ? "" : front->settings.etag;
    front->whole = false;
    if (fetch_job_start(&front->job, front->library, front->settings.url, etag, clock_now()))
        front->stage = FETCHING;
    else
        end_fetch(front, AGENT_ANSWER_FAILED);
}

/* False: root's process is gone. */
static bool hand_over(struct front *front)
{
    struct link_request request = {.kind = LINK_BUNDLE};
    int body;
    const enum fetched fetched = fetch_job_end(&front->job, &body, request.etag);
    if (fetched == FETCH_FAILED) {
        end_fetch(front, AGENT_ANSWER_FAILED);
        return true;
    }
    if (fetched == FETCH_UNCHANGED)
        request.kind = LINK_UNCHANGED;
    front->stage = INSTALLING;
    const bool sent = link_send(front->link, &request, sizeof request, body);
    if (body >= 0)
        close(body);
    return sent;
}

static bool take_reply(struct front *front)
{
    static const char *const answers[] = {[LINK_REFUSED] = AGENT_ANSWER_FAILED,
                                          [LINK_CURRENT] = AGENT_ANSWER_CURRENT,
                                          [LINK_INSTALLED] = AGENT_ANSWER_INSTALLED};
    if (!link_receive(front->link, &front->settings, sizeof front->settings, NULL))
        return false;
    if (front->settings.outcome != LINK_SETTINGS && front->stage == INSTALLING)
        end_fetch(front, answers[front->settings.outcome]);
    if (front->settings.fetch_now && front->stage == IDLE)
        front->next = clock_now();
    else if (front->settings.fetch_now)
        front->again = true;
    return true;
}

/* What an asker is told at once: a fetch for askers' sake of a moment ago stands for the next one (one by the
 * clock doesn't: a key may have been rotated since), and the fetcher itself,
 * which meets a violation, would wait for itself. */
static void serve_asker(struct front *front, struct asker *asker)
{
    const enum ask ask = askers_read(asker);
    if (ask == ASK_NOTHING)
        return;
    if (front->stage == FETCHING && asker->process == front->job.process) {
        asker_answer(asker, AGENT_ANSWER_FAILED);
        return;
    }
    if (ask == ASK_FORCED)
        front->whole = true; /* nginx gives two bundles of one second and one size the same ETag */
    if (front->stage != IDLE && ask == ASK_FORCED)
        front->again = asker->next = true; /* this one may have begun too early to see what is new */
    else if (front->stage != IDLE)
        return;
    else if (ask == ASK_FORCED || (front->asked = clock_now() - front->asked_ended >= ASKED_PAUSE))
        start_fetch(front);
    else
        asker_answer(asker, front->good ? AGENT_ANSWER_CURRENT : AGENT_ANSWER_FAILED);
}

/* How many there are. */
static nfds_t list_sources(const struct front *front, struct pollfd sources[SOURCES])
{
    sources[LISTENER] = (struct pollfd){.fd = front->listener, .events = POLLIN};
    sources[LINK] = (struct pollfd){.fd = front->link, .events = POLLIN};
    sources[FETCH] =
        (struct pollfd){.fd = front->stage == FETCHING ? front->job.result : -1, .events = POLLIN};
    sources[REPORT] = (struct pollfd){.fd = reports_source(&front->events.reports), .events = POLLIN};
    for (size_t i = 0; i < ASKERS; i++)
        sources[FIRST_ASKER + i] = (struct pollfd){.fd = front->askers.all[i].fd, .events = POLLIN};
    return FIRST_EVENT + event_source_list(sources + FIRST_EVENT);
}

/* Milliseconds until something is due. */
static int wait_of(struct front *front)
{
    const int64_t now = clock_now(), expiry = askers_expire(&front->askers, now),
                  event_expiry = event_source_expire(now);
    int64_t wait = LONGEST_SLEEP;
    if (front->stage == FETCHING && front->job.deadline - now < wait)
        wait = front->job.deadline - now;
    if (front->stage == IDLE && front->next - now < wait)
        wait = front->next - now;
    if (front->events.next_drops && front->events.next_drops - now < wait)
        wait = front->events.next_drops - now;
    const int64_t report = reports_due(&front->events.reports);
    if (report && report - now < wait)
        wait = report - now;
    if (expiry >= 0 && expiry < wait)
        wait = expiry;
    if (event_expiry >= 0 && event_expiry < wait)
        wait = event_expiry;
    return wait > 0 ? (int)wait : 0;
}

static bool serve_sources(struct front *front, const struct pollfd sources[SOURCES], nfds_t count)
{
    if (sources[LINK].revents && !take_reply(front))
        return false;
    if (sources[FETCH].revents && fetch_job_read(&front->job) && !hand_over(front))
        return false;
    if (sources[REPORT].revents)
        reports_serve_source(&front->events.reports, clock_now());
    nfds_t event = FIRST_EVENT;
    while (event < count && !sources[event].revents)
        event++;
    if (event < count)
        events_take(&front->events, clock_now());
    for (size_t i = 0; i < ASKERS; i++)
        if (sources[FIRST_ASKER + i].revents && front->askers.all[i].fd == sources[FIRST_ASKER + i].fd)
            serve_asker(front, &front->askers.all[i]);
    if (sources[LISTENER].revents)
        askers_accept(&front->askers, front->listener, clock_now());
    return true;
}

static bool serve_times(struct front *front)
{
    const int64_t now = clock_now();
    events_tell_drops(&front->events, now);
    reports_serve_times(&front->events.reports, front->library, front->events.settings.report_url, now);
    if (front->stage == FETCHING && front->job.deadline <= now)
        return hand_over(front);
    if (front->stage == IDLE && front->next <= now)
        start_fetch(front);
    return true;
}

int front_serve(int listener, int events, int link)
{
    static struct front front; /* large */
    static struct pollfd sources[SOURCES];
    front = (struct front){.listener = listener, .link = link, .asked_ended = clock_now() - ASKED_PAUSE};
    askers_begin(&front.askers);
    event_source_begin(events);
    events_begin(&front.events, clock_now());
    if (!preload_locate(front.library))
        return 1;
    bool serving = take_reply(&front);
    while (serving) {
        const nfds_t count = list_sources(&front, sources);
        const int ready = poll(sources, count, wait_of(&front));
        if (ready < 0 && errno != EINTR)
            return 1;
        serving = (ready <= 0 || serve_sources(&front, sources, count)) && serve_times(&front);
    }
    events_end(&front.events, clock_now());
    return 0;
}
