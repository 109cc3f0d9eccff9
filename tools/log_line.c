#include "tools/log_line.h"

#include <string.h>
#include <time.h>

/* Columns as wide as their longest words, and as hosts and programs mostly are. */
enum { EVENT_WIDTH = 20, VERDICT_WIDTH = 17, HOST_WIDTH = 32, PROGRAM_WIDTH = 20 };

/* Returns the characters printed. Continuation bytes of UTF-8 (10xxxxxx) belong to the one that stands for
 * all. */
static int put_text(FILE *stream, const json_t *string)
{
    const char *text = json_string_value(string);
    const size_t length = json_string_length(string);
    int printed = 0;
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)text[i];
        if ((byte & 0xc0) == 0x80)
            continue;
        putc(byte < ' ' || byte > '~' ? '?' : byte, stream);
        printed++;
    }
    return printed;
}

/* A member that is a string, and not empty. */
static const json_t *member(const json_t *event, const char *key)
{
    const json_t *value = json_object_get(event, key);
    return json_string_length(value) > 0 ? value : NULL;
}

static int put_member(FILE *stream, const json_t *event, const char *key)
{
    const json_t *value = member(event, key);
    return value ? put_text(stream, value) : fprintf(stream, "-");
}

static void pad(FILE *stream, int printed, int width)
{
    fprintf(stream, "%*s", printed < width ? width - printed + 2 : 2, "");
}

static void put_time(FILE *stream, const json_t *event)
{
    const char *text = json_string_value(member(event, "time"));
    struct tm utc = {0}, local;
    char shown[32];
    const char *end = text ? strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc) : NULL;
    const time_t seconds = end && !*end ? timegm(&utc) : -1;
    if (seconds >= 0 && localtime_r(&seconds, &local) && strftime(shown, sizeof shown, "%F %T", &local) > 0)
        pad(stream, fprintf(stream, "%s", shown), 0);
    else
        pad(stream, put_member(stream, event, "time"), (int)sizeof "2026-11-24 10:00:00" - 1);
}

static const char *colour_of(const char *event)
{
    static const struct {
        const char *event, *colour;
    } colours[] = {
        {"untrusted-connection", "\033[1;31m"},
        {"policy-rejected", "\033[1;31m"},
        {"would-terminate", "\033[1;33m"},
        {"pins-expired", "\033[1;33m"},
    };
    for (size_t i = 0; event && i < sizeof colours / sizeof *colours; i++)
        if (strcmp(colours[i].event, event) == 0)
            return colours[i].colour;
    return NULL;
}

static void put_event(FILE *stream, const json_t *event, bool coloured)
{
    const char *colour = coloured ? colour_of(json_string_value(member(event, "event"))) : NULL;
    fputs(colour ? colour : "", stream);
    const int printed = put_member(stream, event, "event");
    fputs(colour ? "\033[0m" : "", stream);
    pad(stream, printed, EVENT_WIDTH);
}

/* HOST:PORT, [ADDRESS]:PORT, or the host alone where no port is known. */
static void put_host(FILE *stream, const json_t *event)
{
    const json_t *host = member(event, "host");
    const json_int_t port = json_integer_value(json_object_get(event, "port"));
    const bool brackets = host && port && strchr(json_string_value(host), ':');
    int printed = fprintf(stream, "%s", brackets ? "[" : "") + put_member(stream, event, "host") +
                  fprintf(stream, "%s", brackets ? "]" : "");
    if (host && port)
        printed += fprintf(stream, ":%" JSON_INTEGER_FORMAT, port);
    pad(stream, printed, HOST_WIDTH);
}

static void put_program(FILE *stream, const json_t *event)
{
    const json_t *pid = json_object_get(event, "pid");
    int printed = put_member(stream, event, "app");
    if (json_is_integer(pid))
        printed += fprintf(stream, "[%" JSON_INTEGER_FORMAT "]", json_integer_value(pid));
    pad(stream, printed, PROGRAM_WIDTH);
}

/* "RULE (SERVICE)", "POLICY: DETAIL"; of a question to the agent, what came of it; of events that it dropped,
 * how many. */
static void put_rest(FILE *stream, const json_t *event)
{
    const bool about_policy = member(event, "policy") != NULL;
    const json_t *count = json_object_get(event, "count");
    if (json_is_integer(count)) {
        fprintf(stream, "%" JSON_INTEGER_FORMAT " events", json_integer_value(count));
        return;
    }
    if (!about_policy && member(event, "detail")) {
        put_member(stream, event, "detail");
        return;
    }
    const char *more = about_policy ? "detail" : "service";
    put_member(stream, event, about_policy ? "policy" : "rule");
    if (!member(event, more))
        return;
    fputs(about_policy ? ": " : " (", stream);
    put_member(stream, event, more);
    fputs(about_policy ? "" : ")", stream);
}

void log_line_print(FILE *stream, const json_t *event, bool coloured)
{
    put_time(stream, event);
    put_event(stream, event, coloured);
    pad(stream, put_member(stream, event, "verdict"), VERDICT_WIDTH);
    put_host(stream, event);
    put_program(stream, event);
    put_rest(stream, event);
    putc('\n', stream);
}
