/* A table for a person: columns as wide as what is in them, two blanks between; characters that a terminal
 * might obey, and all that is no printable ASCII, are shown as '?'. */
#ifndef PINSHIM_TOOLS_TABLE_H
#define PINSHIM_TOOLS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct table {
    size_t columns;
    char **cells; /* owned, row by row */
    size_t count, capacity;
    bool failed; /* memory ran out */
};

/* Its first row: the titles; NULL: none. */
void table_begin(struct table *table, size_t columns, const char *const *titles) __attribute__((nonnull(1)));

/* The next cell, from left to right; "-" where the text is empty. */
void table_add(struct table *table, const char *format, ...) __attribute__((nonnull, format(printf, 2, 3)));

/* Prints it to stdout and frees it. False, reported: memory ran out, and nothing was printed. */
bool table_end(struct table *table) __attribute__((nonnull, warn_unused_result));

#endif
