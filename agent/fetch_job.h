/* One fetch, in a process of its own, which is itself under the shim. */
#ifndef PINSHIM_AGENT_FETCH_JOB_H
#define PINSHIM_AGENT_FETCH_JOB_H

#include "agent/past_file.h"

#include <stdint.h>
#include <sys/types.h>

enum {
    FETCH_BODY = 3,            /* the fetcher's descriptor for what it gets: body.h */
    FETCH_PATIENCE = 70 * 1000 /* milliseconds; it gives up earlier by itself */
};

/* Zero means failed. */
enum fetched { FETCH_FAILED = 0, FETCH_UNCHANGED, FETCH_NEW };

struct fetch_job {
    const char *action; /* "fetch" or "report" */
    pid_t process;      /* 0: none runs */
    int result;         /* its standard output: the pipe to poll for its end */
    int body;
    char said[ETAG_SIZE + 256];
    size_t said_length;
    int64_t deadline;
};

/* Starts it: `library` is the shim's. False, told. */
bool fetch_job_start(struct fetch_job *job, const char *library, const char *url, const char *etag,
                     int64_t now) __attribute__((nonnull, warn_unused_result));

/* Starts to post a file instead, which is the job's from now on. Once it was taken, that ends as
 * FETCH_UNCHANGED. */
bool fetch_job_post(struct fetch_job *job, const char *library, const char *url, int body, int64_t now)
    __attribute__((nonnull, warn_unused_result));

/* Reads on; true where it has ended, or its time has: fetch_job_end is next. */
bool fetch_job_read(struct fetch_job *job) __attribute__((nonnull, warn_unused_result));

/* What became of it, told where it failed; the process is gone. Of something new: *body, sealed, is the
 * caller's to close, and `etag` the server's name for it. */
enum fetched fetch_job_end(struct fetch_job *job, int *body, char etag[ETAG_SIZE])
    __attribute__((nonnull, warn_unused_result));

/* The fetcher itself: argv is NAME URL ETAG. Says on its standard output, in one line, `new ETAG`,
 * `unchanged` or `failed REASON`. */
int fetch_main(int argc, char **argv) __attribute__((nonnull));

/* The same for a file that is to be posted: argv is NAME URL and "". */
int report_main(int argc, char **argv) __attribute__((nonnull));

#endif
