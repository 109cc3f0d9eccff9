/* Hooks that dlsym gave to a program in place of the functions it asked for: what those were.
 *
 * Thread-safe, without a lock; entries stay for the life of the process, one for each object, name and
 * function.
 */
#ifndef PINSHIM_HOOKS_HANDED_OUT_H
#define PINSHIM_HOOKS_HANDED_OUT_H

#include "hooks/platform.h"

/* `caller` asked for `name`, and gets our hook for `original`. */
void handed_out_note(const void *caller, const char *name, any_function *original) __attribute__((nonnull));

/* The function for which the object of `caller` was given the hook of this name; where that object never
 * asked, another's (code without an object, that a virtual machine makes, calls what its machine asked for).
 * NULL; so it is for a function that isn't loaded any more. */
any_function *handed_out_original(const void *caller, const char *name)
    __attribute__((nonnull, warn_unused_result));

#endif
