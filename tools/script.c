#include "tools/script.h"

#include "tools/preload.h"

#include <stdio.h>
#include <string.h>

static const char blank[] = " \t";

static char *next_word(char **rest)
{
    if (*rest)
        *rest += strspn(*rest, blank);
    return strsep(rest, blank);
}

/* The value of an option, behind its name or the next word. */
static const char *value_of(const char *behind, char **rest)
{
    return *behind ? behind + (*behind == '=') : next_word(rest);
}

static void unset(const char *variable, struct script *script)
{
    if (variable && strcmp(variable, preload_way.variable) == 0)
        script->clears_environment = true;
}

static void env_long_option(const char *option, char **rest, struct script *script)
{
    static const char ignore[] = "--ignore-environment", remove[] = "--unset", change[] = "--chdir";
    if (strcmp(option, ignore) == 0)
        script->clears_environment = true;
    else if (strncmp(option, remove, sizeof remove - 1) == 0)
        unset(value_of(option + sizeof remove - 1, rest), script);
    else if (strncmp(option, change, sizeof change - 1) == 0)
        (void)value_of(option + sizeof change - 1, rest);
}

/* One of env's options before the program. */
static void env_option(const char *option, char **rest, struct script *script)
{
    if (option[1] == '-') {
        env_long_option(option, rest, script);
        return;
    }
    const char *letter = option + 1 + strcspn(option + 1, "uC"); /* that of a value */
    if (!option[1] || memchr(option, 'i', (size_t)(letter - option)))
        script->clears_environment = true;
    if (*letter == 'u')
        unset(letter[1] ? letter + 1 : next_word(rest), script);
    else if (*letter && !letter[1])
        (void)next_word(rest);
}

static bool is_preload(const char *assignment)
{
    const size_t length = strlen(preload_way.variable);
    return strncmp(assignment, preload_way.variable, length) == 0 && assignment[length] == '=';
}

/* What -S, alone or behind other letters, has env split into words; NULL: there is no -S. */
static char *split_of(char *argument, struct script *script)
{
    static const char whole[] = "--split-string=";
    if (strncmp(argument, whole, sizeof whole - 1) == 0)
        return argument + sizeof whole - 1;
    char *letter = argument[0] == '-' ? argument + 1 + strspn(argument + 1, "iv0") : argument;
    if (letter == argument || *letter != 'S')
        return NULL;
    script->clears_environment = memchr(argument, 'i', (size_t)(letter - argument)) != NULL;
    return letter + 1;
}

/* What env(1) would start. Without -S the kernel's single argument is one word for it, blanks included. */
static void env_parse(char *argument, struct script *script)
{
    char *const split = split_of(argument, script), *rest = split ? split : argument;
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
