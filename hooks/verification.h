/* A verification of a peer that is under way, the program's own functions included: found by the library's
 * object that it is of, from whatever thread.
 *
 * It lies in a record of that object, not on a stack: a program may jump out of its function (longjmp), and
 * an asynchronous job may go on in another thread. What was left so is ended by the record's next
 * verification, or with the record.
 */
#ifndef PINSHIM_HOOKS_VERIFICATION_H
#define PINSHIM_HOOKS_VERIFICATION_H

#include "shim/registry.h"

/* The first member of what a library's hooks keep of it. Zero-initialised: none is under way. */
struct verification {
    struct registry_node node; /* object: see verification.c */
};

void verification_begin(struct verification *verification, const void *object) __attribute__((nonnull));
void verification_end(struct verification *verification)
    __attribute__((nonnull)); /* nothing, where none is */

/* NULL where none is under way. */
struct verification *verification_find(const void *object) __attribute__((nonnull, warn_unused_result));

#endif
