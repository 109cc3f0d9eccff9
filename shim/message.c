#include "shim/message.h"

#include "shim/desktop.h"
#include "shim/host_pause.h"
#include "shim/system.h"
#include "shim/text.h"

#include <string.h>

enum { MESSAGE_SIZE = 1024, PROGRAM_SIZE = NAME_SIZE };

/* Whom the person was told of. */
static struct host_pause told;

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
    if ((!terminal && !desktop) || !host_pause_claim(&told, event->host))
        return;
    char program[PROGRAM_SIZE];
    system_program(program, sizeof program);
    const char *text = text_for(policy, program);
    if (terminal)
        show_on_stderr(text, event);
    if (desktop)
        show_on_desktop(text, program, event);
}
