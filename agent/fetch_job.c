#include "agent/fetch_job.h"

#include "agent/body.h"
#include "agent/link.h"
#include "agent/quiet.h"
#include "agent/self.h"
#include "tools/preload.h"
#include "tools/report.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* In the child. What its parent's environment says of proxies is the administrator's. */
static void become_fetcher(const struct fetch_job *job, int output, const char *library, const char *url,
                           const char *etag)
{
    char name[] = "pinshim-agent";
    char *const arguments[] = {name, (char *)job->action, (char *)url, (char *)etag, NULL};
    char *preload = preload_value(library, getenv(preload_way.variable));
    if (!preload || setenv(preload_way.variable, preload, 1) != 0 || unsetenv("PINSHIM_CONFIG") != 0 ||
        !self_bound(FETCH_PATIENCE / 1000) || dup2(output, STDOUT_FILENO) < 0 ||
        dup2(job->body, FETCH_BODY) < 0)
        _exit(1);
    (void)fcntl(FETCH_BODY, F_SETFD, 0); /* it may have been that very number */
    self_run(arguments);
    _exit(1);
}

static void release(struct fetch_job *job)
{
    if (job->result >= 0)
        close(job->result);
    if (job->body >= 0)
        close(job->body);
    *job = (struct fetch_job){.result = -1, .body = -1};
}

/* The job has its body. */
static bool launch(struct fetch_job *job, const char *library, const char *url, const char *etag)
{
    int ends[2] = {-1, -1};
    const bool ready = job->body >= 0 && quiet_pipe(ends);
    job->result = ends[0];
    const pid_t child = ready ? fork() : -1;
    if (child == 0)
        become_fetcher(job, ends[1], library, url, etag);
    if (ends[1] >= 0)
        close(ends[1]);
    if (child > 0) {
        job->process = child;
        return true;
    }
    report_error("can't start a %s: %s", job->action, strerror(errno));
    release(job);
    return false;
}

bool fetch_job_start(struct fetch_job *job, const char *library, const char *url, const char *etag,
                     int64_t now)
{
    *job = (struct fetch_job){.action = "fetch", .result = -1, .deadline = now + FETCH_PATIENCE};
    job->body = body_new();
    return launch(job, library, url, etag);
}

bool fetch_job_post(struct fetch_job *job, const char *library, const char *url, int body, int64_t now)
{
    *job =
        (struct fetch_job){.action = "report", .result = -1, .body = body, .deadline = now + FETCH_PATIENCE};
    return launch(job, library, url, "");
}

bool fetch_job_read(struct fetch_job *job)
{
    const size_t room = sizeof job->said - 1 - job->said_length;
    if (room == 0)
        return true; /* it has more to say than it should */
    const ssize_t got = read(job->result, job->said + job->said_length, room);
    if (got > 0)
        job->said_length += (size_t)got;
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

static enum fetched understand(const char *action, char *said, char etag[ETAG_SIZE])
{
    static const char new[] = "new ", failed[] = "failed ";
    said[strcspn(said, "\n")] = '\0';
    if (strcmp(said, "unchanged") == 0)
        return FETCH_UNCHANGED;
    if (strncmp(said, new, strlen(new)) == 0 && strlen(said) - strlen(new) < ETAG_SIZE) {
        memcpy(etag, said + strlen(new), strlen(said + strlen(new)));
        if (!link_etag_is_fine(etag))
            etag[0] = '\0';
        return FETCH_NEW;
    }
    if (strncmp(said, failed, strlen(failed)) == 0)
        report_error("nothing %sed: %s", action, said + strlen(failed));
    else
        report_error("nothing %sed: it took too long, or ended without a word", action);
    return FETCH_FAILED;
}

enum fetched fetch_job_end(struct fetch_job *job, int *body, char etag[ETAG_SIZE])
{
    *body = -1;
    memset(etag, 0, ETAG_SIZE);
    (void)kill(job->process, SIGKILL); /* it has said what it had to say, or was silent for too long */
    while (waitpid(job->process, NULL, 0) < 0 && errno == EINTR)
        ;
    job->said[job->said_length] = '\0';
    enum fetched fetched = understand(job->action, job->said, etag);
    if (fetched == FETCH_NEW && !body_seal(job->body))
        fetched = FETCH_FAILED;
    if (fetched == FETCH_NEW) {
        *body = job->body;
        job->body = -1;
    }
    release(job);
    return fetched;
}
