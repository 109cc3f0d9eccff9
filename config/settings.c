#include "config/settings.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 256 };

unsigned settings_line(const struct file *file, const config_setting_t *setting)
{
    const unsigned line = config_setting_source_line(setting);
    return (line ? line : 1) + file->lines_before;
}

/* An element's index in its list, of which the file's part may hold only the end. */
static unsigned index_of(const struct file *file, const config_setting_t *element)
{
    const config_setting_t *list = config_setting_parent(element);
    const unsigned index = (unsigned)config_setting_index(element);
    return config_setting_is_root(config_setting_parent(list)) ? index + file->elements_before : index;
}

/* "domains[2].pins": names and indices from the file's root on; cut where it doesn't fit. */
static void describe(const struct file *file, const config_setting_t *setting, char path[PATH_SIZE])
{
    const config_setting_t *parent = config_setting_parent(setting);
    path[0] = '\0';
    if (!parent)
        return;
    describe(file, parent, path);
    const size_t length = strlen(path);
    const char *name = config_setting_name(setting);
    if (name)
        (void)snprintf(path + length, PATH_SIZE - length, "%s%s", length ? "." : "", name);
    else
        (void)snprintf(path + length, PATH_SIZE - length, "[%u]", index_of(file, setting));
}

static void add(const struct file *file, enum severity severity, const config_setting_t *setting,
                const char *format, va_list arguments)
{
    char path[PATH_SIZE];
    char *message = NULL;
    describe(file, setting, path);
    if (vasprintf(&message, format, arguments) < 0)
        message = NULL;
    diagnostics_add(file->diagnostics, severity, file->name, settings_line(file, setting), "%s%s%s", path,
                    path[0] ? ": " : "", message ? message : "out of memory");
    free(message);
}

void settings_error(const struct file *file, const config_setting_t *setting, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(file, SEVERITY_ERROR, setting, format, arguments);
    va_end(arguments);
}

void settings_warning(const struct file *file, const config_setting_t *setting, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(file, SEVERITY_WARNING, setting, format, arguments);
    va_end(arguments);
}

void settings_fault(const struct file *file, const config_setting_t *setting, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const bool goes_on = file->use == POLICY_TO_OBEY || file->use == POLICY_TO_RECEIVE;
    add(file, goes_on ? SEVERITY_WARNING : SEVERITY_ERROR, setting, format, arguments);
    va_end(arguments);
}

void settings_advice(const struct file *file, const config_setting_t *setting, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    if (file->use != POLICY_TO_OBEY)
        add(file, SEVERITY_WARNING, setting, format, arguments);
    va_end(arguments);
}

static bool is_sequence(const config_setting_t *setting)
{
    return config_setting_is_list(setting) || config_setting_is_array(setting);
}

static bool all_of_type(const config_setting_t *sequence, int type)
{
    for (int i = 0; i < config_setting_length(sequence); i++)
        if (config_setting_type(config_setting_get_elem(sequence, (unsigned)i)) != type)
            return false;
    return true;
}

static bool has_type(const config_setting_t *setting, enum key_type type)
{
    switch (type) {
    case KEY_STRING:
        return config_setting_type(setting) == CONFIG_TYPE_STRING;
    case KEY_BOOL:
        return config_setting_type(setting) == CONFIG_TYPE_BOOL;
    case KEY_INTEGER:
        return config_setting_type(setting) == CONFIG_TYPE_INT;
    case KEY_GROUP:
        return config_setting_is_group(setting);
    case KEY_LIST:
        return is_sequence(setting) && all_of_type(setting, CONFIG_TYPE_GROUP);
    case KEY_STRINGS:
        return is_sequence(setting) && all_of_type(setting, CONFIG_TYPE_STRING);
    case KEY_ONE_OR_MORE:
        return has_type(setting, KEY_STRING) || has_type(setting, KEY_STRINGS);
    }
    return false;
}

static const char *type_name(enum key_type type)
{
    static const char *const names[] = {
        [KEY_STRING] = "a string, in quotation marks",
        [KEY_BOOL] = "true or false",
        [KEY_INTEGER] = "a whole number",
        [KEY_GROUP] = "a group: { ... }",
        [KEY_LIST] = "a list of groups: ( { ... } )",
        [KEY_STRINGS] = "a list of strings: [ \"...\" ]",
        [KEY_ONE_OR_MORE] = "a string, or a list of strings",
    };
    return names[type];
}

static const struct key *find_key(const struct key *keys, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

void settings_check(const struct file *file, const config_setting_t *group, const struct key *keys,
                    size_t count)
{
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
        const struct key *key = find_key(keys, count, config_setting_name(member));
        if (!key)
            settings_error(file, member, "unknown key");
        else if (!has_type(member, key->type))
            settings_error(file, member, "expected %s", type_name(key->type));
    }
    for (size_t i = 0; i < count; i++)
        if (keys[i].required && !config_setting_get_member(group, keys[i].name))
            settings_error(file, group, "\"%s\" is missing", keys[i].name);
}

bool settings_is(const config_setting_t *group, const char *key, enum key_type type)
{
    const config_setting_t *setting = config_setting_get_member(group, key);
    return !setting || has_type(setting, type);
}

static config_setting_t *member(const config_setting_t *group, const char *key, enum key_type type)
{
    config_setting_t *setting = config_setting_get_member(group, key);
    return setting && has_type(setting, type) ? setting : NULL;
}

const char *settings_string(const config_setting_t *group, const char *key)
{
    const config_setting_t *setting = member(group, key, KEY_STRING);
    return setting ? config_setting_get_string(setting) : NULL;
}

bool settings_bool(const config_setting_t *group, const char *key, bool absent)
{
    const config_setting_t *setting = member(group, key, KEY_BOOL);
    return setting ? config_setting_get_bool(setting) : absent;
}

config_setting_t *settings_group(const config_setting_t *group, const char *key)
{
    return member(group, key, KEY_GROUP);
}

config_setting_t *settings_list(const config_setting_t *group, const char *key)
{
    return member(group, key, KEY_LIST);
}

config_setting_t *settings_strings(const config_setting_t *group, const char *key)
{
    return member(group, key, KEY_STRINGS);
}

size_t settings_length(const config_setting_t *setting)
{
    return setting ? (size_t)config_setting_length(setting) : 0;
}

const char *settings_string_at(const config_setting_t *strings, size_t i)
{
    return config_setting_get_string_elem(strings, (int)i);
}

void settings_free_strings(char **strings)
{
    for (size_t i = 0; strings && strings[i]; i++)
        free(strings[i]);
    free((void *)strings);
}

char **settings_copy_strings(const config_setting_t *strings)
{
    const size_t count = settings_length(strings);
    char **copies = calloc(count + 1, sizeof *copies);
    for (size_t i = 0; copies && i < count; i++)
        if (!(copies[i] = strdup(settings_string_at(strings, i)))) {
            settings_free_strings(copies);
            return NULL;
        }
    return copies;
}

int settings_word(const struct file *file, const config_setting_t *group, const char *key,
                  const char *const words[], int absent)
{
    char known[128] = "";
    const char *word = settings_string(group, key);
    if (!word)
        return absent;
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], word) == 0)
            return i;
        const size_t length = strlen(known);
        (void)snprintf(known + length, sizeof known - length, "%s\"%s\"", i ? ", " : "", words[i]);
    }
    settings_error(file, config_setting_get_member(group, key), "\"%s\" is none of %s", word, known);
    return absent;
}
