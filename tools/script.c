#include "tools/script.h"

#include "tools/preload.h"

#include <stdio.h>
#include <string.h>

static const char blank[] = " \t";

/* One of env's options before the program. */
static void env_option(const char *option, char **rest, struct script *script)
{
    if (strcmp(option, "--ignore-environment") == 0 || strcmp(option, "-") == 0)
        script->clears_environment = true;
    if (option[1] == '-')
        return;
    for (const char *letter = option + 1; *letter; letter++) {
        if (*letter == 'i')
            script->clears_environment = true;
        if (strchr("uC", *letter) && letter[1] == '\0') { /* its value is the next word */
            const char *value = strsep(rest, blank);
            if (value && strcmp(value, preload_way.variable) == 0)
                script->clears_environment = true;
        }
    }
}

static bool is_preload(const char *assignment)
{
    const size_t length = strlen(preload_way.variable);
    return strncmp(assignment, preload_way.variable, length) == 0 && assignment[length] == '=';
}

/* What env(1) would start. Without -S the kernel's single argument is one word for it, blanks included. */
static void env_parse(char *argument, struct script *script)
{
    const bool split = strncmp(argument, "-S", 2) == 0;
    char *rest = split ? argument + 2 : argument;
    while (rest) {
        char *word = rest;
        if (split)
            word = strsep(&rest, blank);
        else
            rest = NULL;
        if (word[0] == '\0')
            continue;
        if (word[0] == '-') {
            env_option(word, &rest, script);
        } else if (strchr(word, '=')) {
            if (is_preload(word))
                script->clears_environment = true;
        } else {
            snprintf(script->program, sizeof script->program, "%s", word);
            return;
        }
    }
}

enum script_status script_parse(const char *bytes, size_t length, struct script *script)
{
    *script = (struct script){0};
    if (length < 2 || memcmp(bytes, "#!", 2) != 0)
        return SCRIPT_NONE;
    char line[SCRIPT_LINE_SIZE];
    if (length > sizeof line - 1)
        length = sizeof line - 1;
    memcpy(line, bytes, length);
    line[length] = '\0';
    char *end = line + strcspn(line, "\n");
    const bool whole = *end == '\n' || length < sizeof line - 1;
    *end = '\0';

    char *interpreter = line + 2 + strspn(line + 2, blank);
    char *argument = interpreter + strcspn(interpreter, blank);
    if (argument == interpreter || (!*argument && !whole))
        return SCRIPT_BAD;
    if (*argument) {
        *argument++ = '\0';
        argument += strspn(argument, blank);
        while (end > argument && strchr(blank, end[-1]))
            *--end = '\0';
    }
    snprintf(script->interpreter, sizeof script->interpreter, "%s", interpreter);
    const char *slash = strrchr(interpreter, '/');
    if (slash && strcmp(slash, "/env") == 0)
        env_parse(argument, script);
    return SCRIPT_OK;
}
