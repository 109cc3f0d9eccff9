#include "agent/clock.h"

#include <time.h>

int64_t clock_now(void)
{
    return (int64_t)(clock_gettime_nsec_np(CLOCK_MONOTONIC_RAW) / 1000000);
}
