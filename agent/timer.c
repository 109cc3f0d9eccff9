#include "agent/timer.h"

int64_t timer_delay(unsigned interval, unsigned failures, uint32_t random)
{
    enum { FIRST = 30, DOUBLINGS = 20 };
    int64_t seconds = interval;
    if (failures > 0) {
        const unsigned doublings = failures - 1 < DOUBLINGS ? failures - 1 : DOUBLINGS;
        const int64_t pause = (int64_t)FIRST << doublings;
        seconds = pause < seconds ? pause : seconds;
    }
    const int64_t delay = seconds * 1000, tenth = delay / 10;
    return delay - tenth + 2 * tenth * random / UINT32_MAX;
}
