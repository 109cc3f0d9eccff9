/* A process of this host, as far as /proc shows it: which TLS it holds, and whether libpinshim.so is in it.
 *
 * All of it is the word of the kernel, but for the name, the environment and what the library publishes,
 * which the process may have written itself.
 */
#ifndef PINSHIM_TOOLS_PROCESS_H
#define PINSHIM_TOOLS_PROCESS_H

#include "tools/published.h"

#include <stdbool.h>
#include <sys/types.h>

enum { PROCESS_TLS = 8 /* TLS libraries of a process that are told; what goes beyond is left out */ };

enum process_look {
    PROCESS_GONE = 0, /* there is none, not any more, or it is a part of the kernel */
    PROCESS_HIDDEN,   /* not permitted: no more than name, user and parent are known */
    PROCESS_SEEN,
};

/* One kind of TLS in a process. */
struct process_tls {
    const char *family;
    char *file;   /* owned */
    bool hooked;  /* the library has hooks for it */
    bool inside;  /* in a file that is no TLS library */
    bool deleted; /* the file, since it was mapped */
};

struct process {
    pid_t pid, parent;
    uint32_t own_pid; /* what it takes for its id, in its PID namespace */
    uid_t uid;        /* effective */
    char name[64];
    enum process_look look;

    /* PROCESS_SEEN: */
    char *program; /* owned; NULL: not known */
    bool secure;   /* AT_SECURE: its loader ignored LD_PRELOAD */
    bool preloads; /* its environment's LD_PRELOAD, as it started, names libpinshim.so */
    char *library; /* owned; libpinshim.so where it is mapped, else NULL */
    bool replaced; /* its file is gone, or another one */
    struct published published;
    unsigned looks;      /* for that */
    const char *refusal; /* why no preload reaches its program's TLS; NULL: none is known */
    struct process_tls tls[PROCESS_TLS];
    size_t tls_count;
};

/* Fills *process; to be freed whatever its look is. */
void process_read(pid_t pid, struct process *process) __attribute__((nonnull));
void process_free(struct process *process) __attribute__((nonnull));

/* No more than what the library of this path publishes there. False: it isn't mapped, or can't be seen. */
bool process_read_library(pid_t pid, const char *library, struct published *published)
    __attribute__((nonnull, warn_unused_result));

/* Name, user and parent from the text of /proc/PID/status. False: it has no memory of its own (a part of the
 * kernel, or one that has ended). */
bool process_parse_status(const char *text, struct process *process)
    __attribute__((nonnull, warn_unused_result));

#endif
