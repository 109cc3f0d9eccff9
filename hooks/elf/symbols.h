/* Programs that ask the loader for a TLS library's functions, or load objects whose calls go past every
 * preload: the interposed dlopen, dlsym and dlvsym (machine_*.c) ask here what to do.
 */
#ifndef PINSHIM_HOOKS_ELF_SYMBOLS_H
#define PINSHIM_HOOKS_ELF_SYMBOLS_H

/* Returned in two registers. */
struct choice {
    void *next;   /* the function that goes on with the call; NULL: nothing does */
    void *answer; /* what the call returns then */
};

struct choice symbols_choose(void *handle, const char *name, const void *unused, const void *caller);
struct choice symbols_choose_versioned(void *handle, const char *name, const char *version,
                                       const void *caller);
struct choice symbols_choose_open(const char *file, int flags, const void *unused, const void *caller);

#endif
