/* What libconfig 1.5 passes over in silence, found in the raw text before it is parsed: a NUL ends the text
 * for it, a number beyond 32 bits is cut, `\x00` in a string is dropped; and what it only calls a syntax
 * error: a comma after a list's last element, nesting without end. */
#ifndef PINSHIM_CONFIG_SCAN_H
#define PINSHIM_CONFIG_SCAN_H

#include "config/diagnostics.h"
#include "config/domain_list.h"

#include <stdbool.h>
#include <stddef.h>

/* Adds an error for each finding. False where the text can't be given to libconfig at all. *domains is empty
 * before, and the caller's to free. */
bool scan_text(const char *file, const char *text, size_t length, struct domain_list *domains,
               struct diagnostics *diagnostics) __attribute__((nonnull, warn_unused_result));

#endif
