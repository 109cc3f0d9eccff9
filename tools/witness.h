/* Somebody who looks whether the library came up in the program that this process is about to become.
 *
 * A process of its own, no child of the program's: it traces this one (ptrace(2)) from before its exec to the
 * program's first instruction, where the loader and all constructors are done, looks, and lets go. The
 * program keeps its id, parent, terminal and signals, and finds nothing that wasn't there without.
 *
 * So on Linux. On macOS nobody looks, and dyld alone ends a program that it can't load the library into.
 */
#ifndef PINSHIM_TOOLS_WITNESS_H
#define PINSHIM_TOOLS_WITNESS_H

#include <stdbool.h>

struct testimony {
    const char *name;    /* of the program, for what is said */
    const char *library; /* that must be loaded */
    bool policy;         /* it must have a policy */
    bool tolerant;       /* what isn't confirmed is only warned of */
};

/* Begins to look at this process; to be followed by its exec. Where the library doesn't come up, that is said
 * on stderr, and the program ends with `status` before it has begun. False, with a reason that isn't to be
 * freed: nobody looks, and nothing is changed. */
bool witness_begin(const struct testimony *testimony, int status, const char **reason)
    __attribute__((nonnull, warn_unused_result));

#endif
