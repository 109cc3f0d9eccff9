/* What a process under the library publishes of its protection (shim/process_status.h), read from outside.
 *
 * Its memory is untrusted: it may hold anything, and may change while it is read.
 */
#ifndef PINSHIM_TOOLS_PUBLISHED_H
#define PINSHIM_TOOLS_PUBLISHED_H

#include "shim/process_status.h"

#include <stddef.h>
#include <sys/types.h>

/* Zero means that nothing is known. */
enum publication {
    PUBLICATION_HIDDEN = 0, /* not permitted to read its memory */
    PUBLICATION_MISSING,    /* there is none: no library of ours, or one too old */
    PUBLICATION_FOREIGN,    /* of another layout than this command knows */
    PUBLICATION_READ,
};

struct published {
    enum publication publication;
    char library_version[16];
    enum policy_state policy;
    uint64_t policy_version; /* 0: none can be told */
    uint64_t outcomes[OUTCOMES];
    bool judged; /* by this very process; then the following are set */
    int64_t time;
    unsigned verdict, outcome; /* may lie outside their enumerations */
    char host[NAME_SIZE];
};

/* In the writable memory of the library's data. `own_pid`: what the process takes for its id. */
void published_read(pid_t pid, uint32_t own_pid, uint64_t start, uint64_t end, struct published *published)
    __attribute__((nonnull));

/* From a copy of that memory. False: it was being written at that moment; read again. */
bool published_parse(const void *bytes, size_t size, uint32_t own_pid, struct published *published)
    __attribute__((nonnull, warn_unused_result));

#endif
