/* What the command says on stderr: one line a fact, no control characters, colours on a terminal alone. */
#ifndef PINSHIM_TOOLS_REPORT_H
#define PINSHIM_TOOLS_REPORT_H

#include "config/diagnostics.h"

/* The name that the lines start with: "pinshim run". Kept, not copied. */
void report_begin(const char *command) __attribute__((nonnull));

/* "pinshim run: ..." and "pinshim run: warning: ..." */
void report_error(const char *format, ...) __attribute__((nonnull(1), format(printf, 1, 2)));
void report_warning(const char *format, ...) __attribute__((nonnull(1), format(printf, 1, 2)));

/* As report_error, of what is no fault: a service's log. */
void report_note(const char *format, ...) __attribute__((nonnull(1), format(printf, 1, 2)));

/* May what is written to `fd` be in colour? https://no-color.org: a terminal, and NO_COLOR not set to
 * something. */
bool report_coloured(int fd) __attribute__((warn_unused_result));

/* A policy's errors and warnings, one line each, "FILE:LINE: error: ...". */
void report_diagnostics(const struct diagnostics *diagnostics) __attribute__((nonnull));

#endif
