#include "shim/message.h"

#include "shim/desktop.h"
#include "shim/system.h"
#include "shim/text.h"

#include <stdatomic.h>
#include <string.h>

enum {
    MESSAGE_SIZE = 1024,
    MESSAGE_INTERVAL = 60, /* seconds */
    MESSAGE_HOSTS = 64,    /* told of in one interval: more are not */
    PROGRAM_SIZE = NAME_SIZE
};

/* When each of the last hosts was told of: the second in the upper 32 bits, the host's hash in the lower. */
static _Atomic uint64_t told[MESSAGE_HOSTS];

static uint32_t hash(const char *host)
{
    uint32_t h = 2166136261U; /* FNV-1a */
    for (; *host; host++)
        h = (h ^ (uint8_t)*host) * 16777619U;
    return h;
}

/* False: it was told of within the interval, or so were too many others. Threads walk the slots in one order,
 * so that of two with the same host the later one meets the earlier's mark. */
static bool claim(const char *host)
{
    const uint64_t now = (uint64_t)system_time();
    const uint32_t h = hash(host);
    for (unsigned i = 0; i < MESSAGE_HOSTS; i++) {
        _Atomic uint64_t *slot = &told[(h + i) % MESSAGE_HOSTS];
        uint64_t before = atomic_load(slot);
        while (now - (before >> 32) >= MESSAGE_INTERVAL)
            if (atomic_compare_exchange_strong(slot, &before, now << 32 | h))
                return true;
        if ((uint32_t)before == h)
            return false;
    }
    return false;
}

/* The policy's text for this program, or the usual one. */
static const char *text_for(const struct policy *policy, const char *program)
{
    char key[1 + PROGRAM_SIZE] = {IMAGE_KEY_MESSAGE};
    const size_t length = strlen(program);
    const uint8_t *text;
    size_t size;
    memcpy(key + 1, program, length);
    if (policy && policy->mapped &&
        image_find(&policy->image, key, 1 + length, &text, &size) == IMAGE_FOUND && size > 0 &&
        text[size - 1] == '\0')
        return (const char *)text;
    return "Untrusted connection";
}

static void show_on_stderr(const char *text, const struct event *event)
{
    char buffer[MESSAGE_SIZE];
    struct text line = text_over(buffer, sizeof buffer);
    text_add(&line, "pinshim: ");
    text_add(&line, text);
    text_add(&line, ": ");
    text_add(&line, event->host);
    text_add(&line, " (");
    text_add(&line, verdict_name(event->verdict));
    text_add(&line, "): the connection was terminated\n");
    (void)text_end(&line);
    system_stderr(line.start, line.length);
}

/* A desktop may read markup. */
static bool is_plain(char c)
{
    return c >= ' ' && c < 0x7f && c != '<' && c != '>' && c != '&';
}

static void show_on_desktop(const char *text, const char *program, const struct event *event)
{
    char buffer[MESSAGE_SIZE];
    struct text line = text_over(buffer, sizeof buffer);
    for (const char *c = program; *c; c++)
        text_add_char(&line, is_plain(*c) ? *c : '?');
    text_add(&line, ": the connection to ");
    text_add(&line, event->host);
    text_add(&line, " was terminated (");
    text_add(&line, verdict_name(event->verdict));
    text_add(&line, ")");
    (void)text_end(&line);
    desktop_notify(text, line.start);
}

void message_show(const struct policy *policy, const struct event *event)
{
    const bool terminal = system_stderr_is_terminal();
    const bool desktop = policy && policy->mapped && policy->image.header.desktop && desktop_is_there();
    if ((!terminal && !desktop) || !claim(event->host))
        return;
    char program[PROGRAM_SIZE];
    system_program(program, sizeof program);
    const char *text = text_for(policy, program);
    if (terminal)
        show_on_stderr(text, event);
    if (desktop)
        show_on_desktop(text, program, event);
}
