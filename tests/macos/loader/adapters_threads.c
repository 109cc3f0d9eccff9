/* libSystem's threads and clocks. A mutex is 64 bytes, whose first word says how it was made; glibc's, of 40,
 * lies behind that. */
#include "tests/macos/loader/image.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

struct darwin_mutex {
    long signature;
    pthread_mutex_t mutex; /* all zero is one that is ready, there and here */
};

static int lock(struct darwin_mutex *mutex)
{
    return pthread_mutex_lock(&mutex->mutex);
}

static int unlock(struct darwin_mutex *mutex)
{
    return pthread_mutex_unlock(&mutex->mutex);
}

static int before_fork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
    return pthread_atfork(prepare, parent, child);
}

static int clock_to_linux(int clock)
{
    enum { DARWIN_MONOTONIC_RAW = 4, DARWIN_MONOTONIC_RAW_APPROX = 5, DARWIN_MONOTONIC = 6 };
    switch (clock) {
    case DARWIN_MONOTONIC:
        return CLOCK_MONOTONIC;
    case DARWIN_MONOTONIC_RAW:
    case DARWIN_MONOTONIC_RAW_APPROX:
        return CLOCK_MONOTONIC_RAW;
    default:
        return CLOCK_REALTIME;
    }
}

static int get_time(int clock, struct timespec *now)
{
    return clock_gettime(clock_to_linux(clock), now);
}

static uint64_t nanoseconds(int clock)
{
    struct timespec now = {0};
    (void)get_time(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

const struct adapter adapters_threads[] = {
#define ADAPTER(name, function)                                                                              \
    {                                                                                                        \
        name, __extension__(void *) function                                                                 \
    }
    ADAPTER("pthread_mutex_lock", lock),
    ADAPTER("pthread_mutex_unlock", unlock),
    ADAPTER("pthread_atfork", before_fork),
    ADAPTER("pthread_create", pthread_create), /* attributes: none may be given */
    ADAPTER("pthread_join", pthread_join),
    ADAPTER("clock_gettime", get_time),
    ADAPTER("clock_gettime_nsec_np", nanoseconds),
    ADAPTER("nanosleep", nanosleep),
    {"", NULL},
};
