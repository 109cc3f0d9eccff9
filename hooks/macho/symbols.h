/* Programs that ask dyld for a TLS library's functions: the interposed dlsym (machine_*.c) asks here what to
 * do.
 */
#ifndef PINSHIM_HOOKS_MACHO_SYMBOLS_H
#define PINSHIM_HOOKS_MACHO_SYMBOLS_H

/* Returned in two registers. */
struct choice {
    void *next;   /* the function that goes on with the call; NULL: nothing does */
    void *answer; /* what the call returns then */
};

struct choice symbols_choose(void *handle, const char *name, const void *unused, const void *caller);

#endif
