#include "shim/host_pause.h"

#include "shim/system.h"

uint32_t host_pause_hash(const char *host)
{
    uint32_t h = 2166136261U; /* FNV-1a */
    for (; *host; host++)
        h = (h ^ (uint8_t)*host) * 16777619U;
    return h;
}

/* Threads walk the slots in one order, so that of two with the same host the later one meets the earlier's
 * mark. */
bool host_pause_claim(struct host_pause *pause, const char *host)
{
    const uint64_t now = (uint64_t)system_time();
    const uint32_t h = host_pause_hash(host);
    for (unsigned i = 0; i < HOST_PAUSE_HOSTS; i++) {
        _Atomic uint64_t *slot = &pause->done[(h + i) % HOST_PAUSE_HOSTS];
        uint64_t before = atomic_load(slot);
        while (now - (before >> 32) >= HOST_PAUSE)
            if (atomic_compare_exchange_strong(slot, &before, now << 32 | h))
                return true;
        if ((uint32_t)before == h)
            return false;
    }
    return false;
}
