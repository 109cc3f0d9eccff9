/* What a file that a process has mapped to execute brings of TLS, looked at once for all processes. */
#ifndef PINSHIM_TOOLS_MAPPED_FILE_H
#define PINSHIM_TOOLS_MAPPED_FILE_H

#include "tools/mapping.h"

#include <sys/types.h>

/* TLS inside a library that is none of TLS itself, as builtin_tls.h has it; NULL: none is known, or it can't
 * be looked into. */
const char *mapped_file_tls(pid_t pid, const struct mapping *mapping)
    __attribute__((nonnull, warn_unused_result));

/* Why no preload reaches the TLS of the program that the process executes ("statically linked"), a string
 * that stays; NULL: none is known. *tls: what is inside it, or NULL. */
const char *mapped_file_refusal(pid_t pid, const char **tls) __attribute__((nonnull, warn_unused_result));

#endif
