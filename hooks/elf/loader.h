/* The loader's own functions, which this library interposes. */
#ifndef PINSHIM_HOOKS_ELF_LOADER_H
#define PINSHIM_HOOKS_ELF_LOADER_H

#include "hooks/platform.h"

#include <dlfcn.h>

/* The C library's, for our own use: nobody's hook stands before them. Async-signal-safe. */
struct loader {
    __typeof__(&dlopen) open;
    __typeof__(&dlsym) symbol;
    __typeof__(&dlvsym) versioned_symbol;
    const char *library; /* the C library's own name, as the loader knows it */
};

/* False where the C library isn't one that has them, which can't be: this library needs it. */
bool loader_find(struct loader *loader) __attribute__((nonnull, warn_unused_result));

#endif
