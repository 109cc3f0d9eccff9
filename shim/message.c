#include "shim/message.h"

#include "shim/system.h"
#include "shim/text.h"

#include <stdatomic.h>

enum { MESSAGE_SIZE = 512, MESSAGE_INTERVAL = 60 /* seconds */, MESSAGE_HOSTS = 16 };

/* When each of the last hosts was told of: the second in the upper 32 bits, the host's hash in the lower. */
static _Atomic uint64_t told[MESSAGE_HOSTS];

static uint32_t hash(const char *host)
{
    uint32_t h = 2166136261U; /* FNV-1a */
    for (; *host; host++)
        h = (h ^ (uint8_t)*host) * 16777619U;
    return h;
}

static bool told_lately(const char *host)
{
    const uint64_t now = (uint64_t)system_time();
    const uint32_t h = hash(host);
    _Atomic uint64_t *slot = &told[h % MESSAGE_HOSTS];
    const uint64_t before = atomic_load(slot);
    if ((uint32_t)before == h && now - (before >> 32) < MESSAGE_INTERVAL)
        return true;
    uint64_t expected = before;
    return !atomic_compare_exchange_strong(slot, &expected, now << 32 | h);
}

void message_show(const struct event *event)
{
    if (!system_stderr_is_terminal() || told_lately(event->host))
        return;
    char buffer[MESSAGE_SIZE];
    struct text text = text_over(buffer, sizeof buffer);
    text_add(&text, "pinshim: Untrusted connection: ");
    text_add(&text, event->host);
    text_add(&text, " (");
    text_add(&text, verdict_name(event->verdict));
    text_add(&text, "): the connection was terminated\n");
    (void)text_end(&text);
    system_stderr(text.start, text.length);
}
