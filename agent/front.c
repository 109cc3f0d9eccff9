#include "agent/front.h"

#include "agent/askers.h"
#include "agent/events.h"
#include "agent/fetch_job.h"
#include "agent/link.h"
#include "agent/timer.h"
#include "shim/agent_protocol.h"
#include "tools/preload.h"
#include "tools/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
    ASKED_PAUSE = 10 * 1000,   /* milliseconds between two fetches for askers' sake */
    LONGEST_SLEEP = 60 * 1000, /* poll(2) doesn't count a suspended machine's time */
};

enum stage { IDLE, FETCHING, INSTALLING };

enum { LISTENER, LINK, FETCH, EVENTS, REPORT, FIRST_ASKER, SOURCES = FIRST_ASKER + ASKERS };

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
    int64_t next;               /* the next fetch */
    bool asked;                 /* this one is for askers' sake */
    int64_t asked_ended;        /* the end of the last of those */
};

static int64_t now_ms(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t delay_of(const struct front *front)
{
    uint32_t random = 0;
    (void)!getrandom(&random, sizeof random, GRND_NONBLOCK);
    return timer_delay(front->settings.interval, front->failures, random);
}

static void end_fetch(struct front *front, const char *answer)
{
    front->good = strcmp(answer, AGENT_ANSWER_FAILED) != 0;
    front->failures = front->good ? 0 : front->failures + 1;
    front->stage = IDLE;
    const int64_t now = now_ms();
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
    if (fetch_job_start(&front->job, front->library, front->settings.url, front->settings.etag, now_ms()))
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
        front->next = now_ms();
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
    if (front->stage == FETCHING && asker->process == front->job.process)
        asker_answer(asker, AGENT_ANSWER_FAILED);
    else if (front->stage != IDLE && ask == ASK_FORCED)
        front->again = asker->next = true; /* this one may have begun too early to see what is new */
    else if (front->stage != IDLE)
        return;
    else if (ask == ASK_FORCED || (front->asked = now_ms() - front->asked_ended >= ASKED_PAUSE))
        start_fetch(front);
    else
        asker_answer(asker, front->good ? AGENT_ANSWER_CURRENT : AGENT_ANSWER_FAILED);
}

static void list_sources(const struct front *front, struct pollfd sources[SOURCES])
{
    sources[LISTENER] = (struct pollfd){.fd = front->listener, .events = POLLIN};
    sources[LINK] = (struct pollfd){.fd = front->link, .events = POLLIN};
    sources[FETCH] =
        (struct pollfd){.fd = front->stage == FETCHING ? front->job.result : -1, .events = POLLIN};
    sources[EVENTS] = (struct pollfd){.fd = front->events.socket, .events = POLLIN};
    sources[REPORT] = (struct pollfd){.fd = reports_source(&front->events.reports), .events = POLLIN};
    for (size_t i = 0; i < ASKERS; i++)
        sources[FIRST_ASKER + i] = (struct pollfd){.fd = front->askers.all[i].fd, .events = POLLIN};
}

/* Milliseconds until something is due. */
static int wait_of(struct front *front)
{
    const int64_t now = now_ms(), expiry = askers_expire(&front->askers, now);
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
    return wait > 0 ? (int)wait : 0;
}

static bool serve_sources(struct front *front, const struct pollfd sources[SOURCES])
{
    if (sources[LINK].revents && !take_reply(front))
        return false;
    if (sources[FETCH].revents && fetch_job_read(&front->job) && !hand_over(front))
        return false;
    if (sources[REPORT].revents)
        reports_serve_source(&front->events.reports, now_ms());
    if (sources[EVENTS].revents)
        events_take(&front->events, now_ms());
    for (size_t i = 0; i < ASKERS; i++)
        if (sources[FIRST_ASKER + i].revents && front->askers.all[i].fd == sources[FIRST_ASKER + i].fd)
            serve_asker(front, &front->askers.all[i]);
    if (sources[LISTENER].revents)
        askers_accept(&front->askers, front->listener, now_ms());
    return true;
}

static bool serve_times(struct front *front)
{
    const int64_t now = now_ms();
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
    front = (struct front){.listener = listener, .link = link, .asked_ended = now_ms() - ASKED_PAUSE};
    askers_begin(&front.askers);
    events_begin(&front.events, events, now_ms());
    if (!preload_locate(front.library))
        return 1;
    bool serving = take_reply(&front);
    while (serving) {
        list_sources(&front, sources);
        const int ready = poll(sources, SOURCES, wait_of(&front));
        if (ready < 0 && errno != EINTR)
            return 1;
        serving = (ready <= 0 || serve_sources(&front, sources)) && serve_times(&front);
    }
    events_end(&front.events, now_ms());
    return 0;
}
