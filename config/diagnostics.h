/* What is wrong with a policy: errors and warnings, each with file and line, collected so that all are told.
 */
#ifndef PINSHIM_CONFIG_DIAGNOSTICS_H
#define PINSHIM_CONFIG_DIAGNOSTICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum severity { SEVERITY_ERROR, SEVERITY_WARNING };

/* Zero-initialised is empty. Not for use by two threads at once. */
struct diagnostics {
    struct diagnostic *items; /* owned */
    size_t count, capacity;
    size_t errors; /* how many of them are errors; also counts those for which memory ran out */
};

struct diagnostic {
    enum severity severity;
    unsigned line;        /* from 1; 0: of the file as a whole */
    char *file, *message; /* as they are, control characters included; owned */
};

void diagnostics_add(struct diagnostics *diagnostics, enum severity severity, const char *file, unsigned line,
                     const char *format, ...) __attribute__((nonnull(1, 3, 5), format(printf, 5, 6)));

/* As it is told: "FILE:LINE: error: MESSAGE", or without a line "FILE: error: MESSAGE", control characters as
 * '?'. The caller frees it; NULL: no memory. */
char *diagnostic_text(const struct diagnostic *diagnostic) __attribute__((nonnull, warn_unused_result));

/* "error" or "warning". */
const char *severity_name(enum severity severity) __attribute__((returns_nonnull));

/* One line each. */
void diagnostics_print(const struct diagnostics *diagnostics, FILE *stream) __attribute__((nonnull));

void diagnostics_free(struct diagnostics *diagnostics) __attribute__((nonnull));

#endif
