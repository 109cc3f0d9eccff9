#include "agent/event_line.h"

#include <jansson.h>
#include <string.h>

enum type { STRING, NUMBER, STRINGS };

static const struct {
    const char *key;
    enum type type;
} members[] = {
    {"time", STRING},
    {"event", STRING},
    {"verdict", STRING},
    {"host", STRING},
    {"port", NUMBER},
    {"service", STRING},
    {"rule", STRING},
    {"app", STRING},
    {"pid", NUMBER},
    {"uid", NUMBER},
    {"library", STRING},
    {"policy_version", STRING},
    {"expected_pins", STRINGS},
    {"served_chain", STRINGS},
    {"verified_chain", STRINGS},
    {"policy", STRING},
    {"detail", STRING},
};

static const char *const kinds[] = {"untrusted-connection", "would-terminate", "proxy-used", "pins-expired",
                                    "policy-loaded",        "policy-rejected", "refresh"};

static bool are_strings(const json_t *list)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) if (!json_is_string(item)) return false;
    return json_is_array(list);
}

static bool is_of(enum type type, const json_t *value)
{
    switch (type) {
    case STRING:
        return json_is_string(value) || json_is_null(value);
    case NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case STRINGS:
        return are_strings(value);
    }
    return false;
}

static bool is_member(const char *key, const json_t *value)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (strcmp(key, members[i].key) == 0)
            return is_of(members[i].type, value);
    return false;
}

static bool is_event(json_t *object)
{
    const char *key, *kind = json_string_value(json_object_get(object, "event"));
    json_t *value;
    json_object_foreach(object, key, value) if (!is_member(key, value)) return false;
    for (size_t i = 0; kind && i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kind, kinds[i]) == 0)
            return json_is_string(json_object_get(object, "time"));
    return false;
}

static bool put_sender(json_t *object, const struct event_sender *sender)
{
    return json_object_set_new(object, "pid", json_integer(sender->pid)) == 0 &&
           json_object_set_new(object, "uid", json_integer(sender->uid)) == 0;
}

/* jansson leaves DEL as it is, which is no more printable than what it escapes. */
static bool escape_deletes(char line[EVENT_LINE_SIZE], size_t *length)
{
    static const char escape[] = "\\u007f";
    enum { ESCAPE = sizeof escape - 1 };
    for (size_t i = 0; i < *length; i++) {
        if (line[i] != '\x7f')
            continue;
        if (*length + ESCAPE > EVENT_LINE_SIZE)
            return false;
        memmove(line + i + ESCAPE, line + i + 1, *length - i - 1);
        memcpy(line + i, escape, ESCAPE);
        *length += ESCAPE - 1;
    }
    return true;
}

bool event_line_take(const char *packet, size_t size, const struct event_sender *sender,
                     char line[EVENT_LINE_SIZE], size_t *length)
{
    json_t *object = json_loadb(packet, size, JSON_REJECT_DUPLICATES, NULL);
    bool taken = json_is_object(object) && is_event(object) && put_sender(object, sender);
    if (taken) {
        *length = json_dumpb(object, line, EVENT_LINE_SIZE - 1, JSON_COMPACT | JSON_ENSURE_ASCII);
        taken = *length > 0 && *length < EVENT_LINE_SIZE && escape_deletes(line, length);
    }
    if (taken)
        line[(*length)++] = '\n';
    json_decref(object);
    return taken;
}
