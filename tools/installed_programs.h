/* `pinshim doctor --all`: the programs in the system's folders, each diagnosed. */
#ifndef PINSHIM_TOOLS_INSTALLED_PROGRAMS_H
#define PINSHIM_TOOLS_INSTALLED_PROGRAMS_H

#include "tools/diagnosis.h"

struct installed_program {
    char *path;                        /* owned */
    const struct diagnosis *diagnosis; /* shared by the scripts of one interpreter; stays */
};

struct installed_programs {
    struct installed_program *programs; /* owned; those with TLS, what no preload reaches first */
    size_t count, capacity;
    size_t looked_at, scripts; /* all of them; and of those, scripts, which stand for their interpreters */
};

/* With a line of progress. False, reported: no memory. To be freed whatever is returned. */
bool installed_programs_read(struct installed_programs *installed)
    __attribute__((nonnull, warn_unused_result));
void installed_programs_free(struct installed_programs *installed) __attribute__((nonnull));

#endif
