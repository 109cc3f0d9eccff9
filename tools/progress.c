#include "tools/progress.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static bool shown;

static long long milliseconds(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void progress_show(size_t done, size_t all, const char *what)
{
    enum { INTERVAL = 100 /* milliseconds; what is done in less shows nothing */ };
    static long long next;
    const long long now = milliseconds();
    if (!next)
        next = now + INTERVAL;
    if (now < next || !isatty(STDERR_FILENO))
        return;
    next = now + INTERVAL;
    fprintf(stderr, "\r%zu of %zu %s\033[K", done, all, what);
    fflush(stderr);
    shown = true;
}

void progress_end(void)
{
    if (shown)
        fputs("\r\033[K", stderr);
    fflush(stderr);
    shown = false;
}
