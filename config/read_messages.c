/* `messages`: what a program shows when a connection of its own is refused. */
#include "config/read.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>

enum { MESSAGE_TEXT_MAX = 400 /* bytes */ };

static const struct key message_keys[] = {{"application", KEY_STRING, true}, {"text", KEY_STRING, true}};

/* UTF-8, and nothing that a terminal would obey. */
static bool is_printable(const char *text)
{
    if (u8_check((const uint8_t *)text, strlen(text)))
        return false;
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c < ' ' || *c == 0x7f)
            return false;
    return true;
}

static bool is_application(const char *name)
{
    return name[0] && strlen(name) < NAME_SIZE && !strchr(name, '/') && is_printable(name);
}

static const struct message *find(const struct policy_text *policy, const char *application)
{
    for (size_t i = 0; i < policy->message_count; i++)
        if (strcmp(policy->messages[i].application, application) == 0)
            return &policy->messages[i];
    return NULL;
}

static bool add(struct policy_text *policy, const char *application, const char *text)
{
    struct message *messages =
        reallocarray(policy->messages, policy->message_count + 1, sizeof *policy->messages);
    if (!messages)
        return false;
    policy->messages = messages;
    struct message *message = &messages[policy->message_count++];
    *message = (struct message){.application = strdup(application), .text = strdup(text)};
    return message->application && message->text;
}

static void read_message(struct policy_text *policy, const struct file *file, const config_setting_t *group)
{
    settings_check(file, group, KEYS(message_keys));
    const char *application = settings_string(group, "application"), *text = settings_string(group, "text");
    if (!application || !text)
        return;
    if (!is_application(application))
        settings_error(file, group, "\"%s\" is no program's name: expected it without its folder",
                       application);
    else if (find(policy, application))
        settings_error(file, group, "\"%s\" stands twice", application);
    else if (!text[0] || strlen(text) > MESSAGE_TEXT_MAX || !is_printable(text))
        settings_error(file, group,
                       "the text must be one line of 1 to %d bytes, UTF-8 without control characters",
                       MESSAGE_TEXT_MAX);
    else if (!add(policy, application, text))
        settings_error(file, group, "out of memory");
}

void read_messages(struct policy_text *policy, const struct file *file, const config_setting_t *list)
{
    for (size_t i = 0; i < settings_length(list); i++)
        read_message(policy, file, config_setting_get_elem(list, (unsigned)i));
}
