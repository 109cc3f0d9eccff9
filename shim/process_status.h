/* What a process tells of its protection: written into memory of its own, where `pinshim status` and `pinshim
 * doctor` read it from outside.
 *
 * A reader finds it by its magic in what the library has of writable, initialised memory, at a multiple of
 * PROCESS_STATUS_ALIGNMENT. Whatever it holds is the word of that process, no more.
 *
 * Writing takes no lock, allocates nothing and costs nothing where no host is pinned. Thread-safe; a child's
 * copy of its parent's verdicts is told by the process id beside them.
 */
#ifndef PINSHIM_SHIM_PROCESS_STATUS_H
#define PINSHIM_SHIM_PROCESS_STATUS_H

#include "config/name.h"
#include "shim/policy.h"
#include "shim/verdict.h"

#include <stdatomic.h>
#include <stdint.h>

#define PROCESS_STATUS_MAGIC "pinshim status\n" /* with its NUL: 16 bytes */

enum {
    PROCESS_STATUS_LAYOUT = 1, /* raised with every change that an older reader would misread */
    PROCESS_STATUS_ALIGNMENT = 64,
};

enum policy_state {
    POLICY_STATE_NONE = 0, /* there is none: the shim is inert */
    POLICY_STATE_ENFORCED,
    POLICY_STATE_REPORTED,   /* violations are told, and nothing is terminated */
    POLICY_STATE_UNREADABLE, /* every handshake is refused */
};

/* What became of the connection. */
enum outcome { OUTCOME_REFUSED = 0, OUTCOME_REPORTED, OUTCOME_ALLOWED, OUTCOMES };

struct process_status {
    char magic[16]; /* PROCESS_STATUS_MAGIC */
    uint32_t layout;
    uint32_t size;                   /* of all this */
    char library_version[16];        /* of libpinshim.so */
    _Atomic uint64_t policy_version; /* as events have it; 0: none can be told */
    _Atomic uint32_t policy_state;   /* enum policy_state */

    /* Odd while what follows is being written: a reader that saw it so, or saw it change, reads again. */
    _Atomic uint32_t sequence;
    _Atomic uint64_t outcomes[OUTCOMES]; /* how many verdicts had it */
    /* The last verdict. */
    int64_t time;         /* seconds since 1970 */
    _Atomic uint32_t pid; /* whose verdicts these are, as that process knows itself; 0: nobody's */
    uint32_t verdict;     /* enum verdict */
    uint32_t outcome;     /* enum outcome */
    uint32_t reserved;
    char host[NAME_SIZE]; /* with its NUL; empty: nobody was named */
};

extern struct process_status process_status;

/* The policy that is in force now. */
void process_status_policy(const struct policy *policy) __attribute__((nonnull));

/* A verdict on a pinned host. Of two threads' at one time, both are counted, and one is the last. */
void process_status_verdict(const char *host, enum verdict verdict, enum outcome outcome)
    __attribute__((nonnull));

#endif
