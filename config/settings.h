/* Typed access to one file's libconfig settings, against a table of the keys that a group may have.
 * Everything unknown, missing or of a wrong type becomes a diagnostic with file and line. */
#ifndef PINSHIM_CONFIG_SETTINGS_H
#define PINSHIM_CONFIG_SETTINGS_H

#include "config/diagnostics.h"
#include "config/file_facts.h"
#include "config/watch.h"

#include <libconfig.h>
#include <stdbool.h>
#include <stddef.h>

/* What a policy is read for. */
enum policy_use {
    POLICY_TO_OBEY,    /* a process starts with it: what only promises trouble must not stop it */
    POLICY_TO_CHECK,   /* by its author, who wants to hear of all that */
    POLICY_TO_INSTALL, /* for every process: from files that root alone may write */
    POLICY_TO_RECEIVE  /* the same, by a device that nobody watches: as to obey */
};

/* A file that is being read. */
struct file {
    const char *name;      /* as it is told to the user */
    const char *directory; /* absolute; relative paths in the file start here */
    unsigned index;        /* of the policy's sources */
    enum policy_use use;
    enum file_guard guard;
    struct watch_list *watched;
    struct diagnostics *diagnostics;

    /* Where only a part of the file is parsed: what stands before it. */
    unsigned lines_before;
    unsigned elements_before; /* in the list at the part's top level */
};

enum key_type {
    KEY_STRING,
    KEY_BOOL,
    KEY_INTEGER,
    KEY_GROUP,
    KEY_LIST /* of groups */,
    KEY_STRINGS,
    KEY_ONE_OR_MORE /* strings */
};

struct key {
    const char *name;
    enum key_type type;
    bool required;
};

/* Adds an error (or warning) at a setting; the message starts with the setting's path, as in
 * "domains[2].pins". */
void settings_error(const struct file *file, const config_setting_t *setting, const char *format, ...)
    __attribute__((nonnull, format(printf, 3, 4)));
void settings_warning(const struct file *file, const config_setting_t *setting, const char *format, ...)
    __attribute__((nonnull, format(printf, 3, 4)));

/* What a process goes on with, denying what is in doubt, but its author must mend: a warning to obey or to
 * receive, else an error. */
void settings_fault(const struct file *file, const config_setting_t *setting, const char *format, ...)
    __attribute__((nonnull, format(printf, 3, 4)));

/* What its author should know, and a process needn't tell. */
void settings_advice(const struct file *file, const config_setting_t *setting, const char *format, ...)
    __attribute__((nonnull, format(printf, 3, 4)));

/* The line of the file on which a setting stands, from 1. */
unsigned settings_line(const struct file *file, const config_setting_t *setting) __attribute__((nonnull));

/* Checks a group's members against its keys, and reports every one that doesn't fit. `count` keys. */
void settings_check(const struct file *file, const config_setting_t *group, const struct key *keys,
                    size_t count) __attribute__((nonnull));

/* True where a member is of the type, or absent. */
bool settings_is(const config_setting_t *group, const char *key, enum key_type type)
    __attribute__((nonnull, warn_unused_result));

/* A member of the named type; NULL (or `absent`) where there is none, or another: that was reported before.
 */
const char *settings_string(const config_setting_t *group, const char *key) __attribute__((nonnull));
bool settings_bool(const config_setting_t *group, const char *key, bool absent) __attribute__((nonnull));
config_setting_t *settings_group(const config_setting_t *group, const char *key) __attribute__((nonnull));
config_setting_t *settings_list(const config_setting_t *group, const char *key) __attribute__((nonnull));

/* A list or array of strings; its length is 0 where `setting` is NULL. */
config_setting_t *settings_strings(const config_setting_t *group, const char *key) __attribute__((nonnull));
size_t settings_length(const config_setting_t *setting);
const char *settings_string_at(const config_setting_t *strings, size_t i);

/* Copies of all of them, with a NULL behind, to be freed by settings_free_strings; NULL where memory is out.
 */
char **settings_copy_strings(const config_setting_t *strings) __attribute__((warn_unused_result));
void settings_free_strings(char **strings);

/* The index of a string member among `words` (ending in NULL); `absent` where there is none; an unknown word
 * is an error that names the known ones, and gives `absent`. */
int settings_word(const struct file *file, const config_setting_t *group, const char *key,
                  const char *const words[], int absent) __attribute__((nonnull));

#endif
