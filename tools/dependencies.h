/* The libraries that a program is linked to, and those that they are linked to in turn, found as the loader
 * finds them (ld.so(8)), without starting anything.
 */
#ifndef PINSHIM_TOOLS_DEPENDENCIES_H
#define PINSHIM_TOOLS_DEPENDENCIES_H

#include "tools/library_file.h"

struct dependency {
    const char *name;                /* as DT_NEEDED has it */
    const char *above;               /* the file that needs it */
    const struct library_file *file; /* NULL: not found */
};

struct dependencies {
    struct dependency *libraries; /* owned; what they point to stays */
    size_t count, capacity;
};

/* All of them, the nearer first. False: no memory. To be freed whatever is returned. */
bool dependencies_find(const char *program, struct dependencies *dependencies)
    __attribute__((nonnull, warn_unused_result));
void dependencies_free(struct dependencies *dependencies) __attribute__((nonnull));

#endif
