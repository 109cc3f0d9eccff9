/* The functions that dyld interposes for this library, and those that it can't.
 *
 * dyld reads the table when a program starts, and binds whatever is bound to an original to its hook, in each
 * object, at any time, and by dlsym too; this library's own use of the name stays the original. An original
 * that isn't there then (its library is loaded later, or is a second copy) is late.h's.
 */
#ifndef PINSHIM_HOOKS_MACHO_INTERPOSED_H
#define PINSHIM_HOOKS_MACHO_INTERPOSED_H

#include "hooks/platform.h"

/* The hook of this name; NULL where there is none. */
any_function *interposed_hook(const char *name) __attribute__((nonnull, warn_unused_result));

/* What dyld has put it before: a library's function, or another interposer's; NULL: nothing. */
any_function *interposed_original(const char *name) __attribute__((nonnull, warn_unused_result));

#endif
