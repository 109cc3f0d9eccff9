/* The loader's own functions, which this library interposes. */
#ifndef PINSHIM_HOOKS_ELF_LOADER_H
#define PINSHIM_HOOKS_ELF_LOADER_H

#include "hooks/platform.h"

#include <dlfcn.h>

/* For our own use. But for `open`, the C library's: nobody's hook stands before them. */
struct loader {
    __typeof__(&dlopen) open;
    __typeof__(&dlsym) symbol;
    __typeof__(&dlvsym) versioned_symbol;
    const char *library; /* the C library's own name, as the loader knows it */
};

/* False where the C library isn't one that has them, which can't be: this library needs it. */
bool loader_find(struct loader *loader) __attribute__((nonnull, warn_unused_result));

#endif
