#include "shim/event.h"

#include "config/file_facts.h"
#include "shim/agent_protocol.h"
#include "shim/agent_socket.h"
#include "shim/message.h"
#include "shim/system.h"
#include "shim/text.h"

#include <errno.h>

enum {
    PROGRAM_SIZE = 128,
    LINE_SIZE = AGENT_EVENT_SIZE,
    AGENT_PATIENCE = 100 /* milliseconds */
};                       /* the line: three lists of EVENT_PINS pins, a host, a path, and room */

static const char *kind_name(enum event_kind kind)
{
    static const char *const names[] = {
        [EVENT_UNTRUSTED_CONNECTION] = "untrusted-connection",
        [EVENT_WOULD_TERMINATE] = "would-terminate",
        [EVENT_PROXY_USED] = "proxy-used",
        [EVENT_PINS_EXPIRED] = "pins-expired",
        [EVENT_POLICY_LOADED] = "policy-loaded",
        [EVENT_POLICY_REJECTED] = "policy-rejected",
        [EVENT_REFRESH] = "refresh",
    };
    return names[kind];
}

static void add_string(struct text *line, const char *key, const char *value)
{
    text_add(line, ",\"");
    text_add(line, key);
    text_add(line, "\":");
    if (value)
        text_add_json(line, value);
    else
        text_add(line, "null");
}

static void add_number(struct text *line, const char *key, uint64_t value)
{
    text_add(line, ",\"");
    text_add(line, key);
    text_add(line, "\":");
    text_add_number(line, value, 1);
}

static void add_pins(struct text *line, const char *key, const struct event_pins *list)
{
    text_add(line, ",\"");
    text_add(line, key);
    text_add(line, "\":[");
    for (size_t i = 0; i < list->count && i < EVENT_PINS; i++) {
        char pin[PIN_TEXT_SIZE];
        pin_format(&list->pins[i], pin);
        if (i)
            text_add_char(line, ',');
        text_add_json(line, pin);
    }
    text_add_char(line, ']');
}

static void format(struct text *line, const struct policy *policy, const struct event *event)
{
    char version[17];
    struct text hex = text_over(version, sizeof version);
    text_add_hex64(&hex, policy && policy->mapped ? policy->image.header.policy_version : 0);
    (void)text_end(&hex);

    text_add(line, "{\"time\":\"");
    text_add_time(line, system_time());
    text_add_char(line, '"');
    add_string(line, "event", kind_name(event->kind));
    if (event->host) {
        add_string(line, "verdict", verdict_name(event->verdict));
        add_string(line, "host", event->host);
        add_number(line, "port", event->port);
        add_string(line, "service", event->service);
        add_string(line, "rule", event->rule);
    }
    char program[PROGRAM_SIZE];
    system_program(program, sizeof program);
    add_string(line, "app", program);
    add_number(line, "pid", system_pid());
    add_number(line, "uid", system_uid());
    if (event->host)
        add_string(line, "library", event->library);
    add_string(line, "policy_version", version);
    if (event->host) {
        add_pins(line, "expected_pins", &event->expected);
        add_pins(line, "served_chain", &event->served);
        add_pins(line, "verified_chain", &event->verified);
    } else {
        add_string(line, "policy", event->path);
    }
    if (event->detail && event->detail[0])
        add_string(line, "detail", event->detail);
    text_add(line, "}\n");
}

/* Of the machine's own policy: its agent keeps them, and tells syslog. In a folder that isn't root's,
 * somebody else may listen. */
static bool agent_takes(const struct policy *policy, const struct text *line)
{
    struct file_facts folder;
    return policy && policy->mapped && policy->installed && file_facts_at(AGENT_FOLDER, &folder) &&
           !file_fault(&folder, GUARD_ROOT) && agent_socket_tell(line->start, line->length, AGENT_PATIENCE);
}

/* Where no agent takes it, where the policy says: its file, and syslog unless it says no. */
static void deliver(const struct policy *policy, const struct event *event, const struct text *line)
{
    const bool quiet =
        event->kind == EVENT_POLICY_LOADED || event->kind == EVENT_PROXY_USED || event->kind == EVENT_REFRESH;
    if (agent_takes(policy, line))
        return;
    if (!policy || !policy->mapped || policy->image.header.syslog)
        system_log(quiet ? SYSTEM_INFO : SYSTEM_WARNING, line->start, line->length - 1);
    if (!policy || !policy->mapped)
        return;
    const uint8_t *path;
    size_t length;
    if (image_find_kind(&policy->image, IMAGE_KEY_EVENTS_FILE, &path, &length) == IMAGE_FOUND && length > 0 &&
        path[length - 1] == '\0')
        system_append((const char *)path, line->start, line->length);
}

void event_emit(const struct policy *policy, const struct event *event)
{
    const int saved = errno;
    char buffer[LINE_SIZE];
    struct text line = text_over(buffer, sizeof buffer);
    format(&line, policy, event);
    if (text_end(&line)) /* half a JSON object would spoil the file */
        deliver(policy, event, &line);
    if (event->kind == EVENT_UNTRUSTED_CONNECTION)
        message_show(policy, event);
    errno = saved;
}
