/* What a server has sent, on its way from the front to root's process: a file in memory, sealed
 * (body_linux.c), or one without a name, of which root's process takes a copy (body_macos.c). */
#ifndef PINSHIM_AGENT_BODY_H
#define PINSHIM_AGENT_BODY_H

#include <stdbool.h>
#include <stddef.h>

/* An empty one to be written to, closed in other programs; -1. */
int body_new(void) __attribute__((warn_unused_result));

/* Nothing is written to it any more. */
bool body_seal(int body) __attribute__((warn_unused_result));

/* Is it what its reader neither waits for, nor sees changed or cut meanwhile? False, told. */
bool body_is_fit(int body) __attribute__((warn_unused_result));

/* The bytes of a fit one, `size` as fstat(2) says, to be freed; NULL with errno. */
const void *body_read(int body, size_t size) __attribute__((warn_unused_result));
void body_free(const void *bytes, size_t size);

#endif
