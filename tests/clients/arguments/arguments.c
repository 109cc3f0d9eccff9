#include "tests/clients/arguments/arguments.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ARGUMENTS = 64 };

void arguments_fail(const char *what, const char *value)
{
    fprintf(stderr, "client: bad %s: %s\n", what, value);
    exit(2);
}

static int word_index(const struct argument *argument, const char *value)
{
    for (int i = 0; argument->words[i]; i++)
        if (strcmp(argument->words[i], value) == 0)
            return i;
    arguments_fail(argument->name, value);
}

static void set(const struct argument *argument, const char *value, void *options)
{
    void *place = (char *)options + argument->place;
    switch (argument->kind) {
    case ARGUMENT_FLAG:
        *(bool *)place = true;
        break;
    case ARGUMENT_TEXT:
        *(const char **)place = value;
        break;
    case ARGUMENT_NUMBER:
        *(int *)place = atoi(value);
        break;
    case ARGUMENT_WORD:
        *(int *)place = word_index(argument, value);
        break;
    }
}

void arguments_parse(const struct argument *table, int argc, char **argv, void *options)
{
    struct option longs[MOST_ARGUMENTS + 1] = {{0}};
    for (int i = 0; table[i].name; i++) {
        if (i == MOST_ARGUMENTS)
            arguments_fail("table", table[i].name);
        longs[i] = (struct option){table[i].name, table[i].kind != ARGUMENT_FLAG, NULL, i + 1};
    }
    for (int option; (option = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (option == '?')
            exit(2);
        set(&table[option - 1], optarg, options);
    }
    if (optind != argc)
        arguments_fail("argument", argv[optind]);
}
