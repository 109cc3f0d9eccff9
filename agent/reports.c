#include "agent/reports.h"

#include "agent/paths.h"
#include "agent/report_queue.h"
#include "agent/timer.h"
#include "shim/system.h"
#include "tools/report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    GATHERING = 5 * 1000, /* milliseconds: what comes within goes together */
    LONGEST_PAUSE = 3600  /* seconds between two attempts */
};

void reports_begin(struct reports *reports, int64_t now)
{
    *reports = (struct reports){.job.result = -1, .next = now + 1};
}

void reports_add(struct reports *reports, const char *line, size_t length, int64_t now)
{
    if (report_queue_add(AGENT_REPORTS, line, length)) {
        reports->told = false;
        if (reports->next == 0 && reports->job.process == 0)
            reports->next = now + GATHERING;
        return;
    }
    if (!reports->told)
        report_error(AGENT_REPORTS ": %s: events aren't reported", strerror(errno));
    reports->told = true;
}

static int64_t delay_of(const struct reports *reports)
{
    return timer_delay(LONGEST_PAUSE, reports->failures, (uint32_t)system_random());
}

static void fail(struct reports *reports, int64_t now)
{
    reports->failures++;
    reports->next = now + delay_of(reports);
}

static void start(struct reports *reports, const char *library, const char *url, int64_t now)
{
    const int batch = url[0] ? report_queue_take(AGENT_REPORTS) : -1;
    reports->next = 0;
    if (batch >= 0 && !fetch_job_post(&reports->job, library, url, batch, now))
        fail(reports, now);
}

static void end(struct reports *reports, int64_t now)
{
    char etag[ETAG_SIZE];
    int body;
    if (fetch_job_end(&reports->job, &body, etag) == FETCH_UNCHANGED) {
        report_queue_done(AGENT_REPORTS);
        reports->failures = 0;
        reports->next = now + 1; /* what has come meanwhile */
    } else {
        fail(reports, now);
    }
    if (body >= 0)
        close(body);
}

void reports_serve_times(struct reports *reports, const char *library, const char *url, int64_t now)
{
    if (reports->job.process && reports->job.deadline <= now)
        end(reports, now);
    if (!reports->job.process && reports->next && reports->next <= now)
        start(reports, library, url, now);
}

int reports_source(const struct reports *reports)
{
    return reports->job.process ? reports->job.result : -1;
}

void reports_serve_source(struct reports *reports, int64_t now)
{
    if (reports->job.process && fetch_job_read(&reports->job))
        end(reports, now);
}

int64_t reports_due(const struct reports *reports)
{
    return reports->job.process ? reports->job.deadline : reports->next;
}
