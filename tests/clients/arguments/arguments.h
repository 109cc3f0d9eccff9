/* The command line of a client as a table: one row for each option that it has. */
#ifndef PINSHIM_TESTS_ARGUMENTS_H
#define PINSHIM_TESTS_ARGUMENTS_H

#include <stddef.h>

/* What an option's value is, and where it goes: a bool, a const char *, an int, an int. */
enum argument_kind { ARGUMENT_FLAG, ARGUMENT_TEXT, ARGUMENT_NUMBER, ARGUMENT_WORD };

struct argument {
    const char *name; /* without its dashes; NULL ends a table */
    enum argument_kind kind;
    size_t place;             /* offset into the client's options */
    const char *const *words; /* those that ARGUMENT_WORD may be, whose index it is; NULL ends them */
};

#define ARGUMENT_PLACE(member) offsetof(struct options, member)
#define FLAG(name, member)                                                                                   \
    {                                                                                                        \
        name, ARGUMENT_FLAG, ARGUMENT_PLACE(member), NULL                                                    \
    }
#define TEXT(name, member)                                                                                   \
    {                                                                                                        \
        name, ARGUMENT_TEXT, ARGUMENT_PLACE(member), NULL                                                    \
    }
#define NUMBER(name, member)                                                                                 \
    {                                                                                                        \
        name, ARGUMENT_NUMBER, ARGUMENT_PLACE(member), NULL                                                  \
    }
#define WORD(name, member, words)                                                                            \
    {                                                                                                        \
        name, ARGUMENT_WORD, ARGUMENT_PLACE(member), words                                                   \
    }

/* Sets what the command line says in `options`, a client's struct. What it doesn't know ends the process. */
void arguments_parse(const struct argument *table, int argc, char **argv, void *options);

/* Ends the process with a line about what is wrong, status 2. */
void arguments_fail(const char *what, const char *value) __attribute__((noreturn));

#endif
