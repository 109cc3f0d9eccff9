/* What TLS a program uses, as its files tell, and whether a preload can pin it. Nothing is started. */
#ifndef PINSHIM_TOOLS_DIAGNOSIS_H
#define PINSHIM_TOOLS_DIAGNOSIS_H

#include "tools/target.h"

#include <stddef.h>

enum { DIAGNOSIS_TLS = 16 /* kinds of TLS of one program that are told */ };

/* How a program comes by it. */
enum tls_way {
    TLS_LINKED,   /* the loader loads it with the program */
    TLS_INSIDE,   /* in the program, or in a library that is none of TLS */
    TLS_MAY_LOAD, /* its name is in there, for dlopen */
};

struct tls_found {
    const char *family;
    enum tls_way way;
    bool hooked;       /* the library has hooks for it */
    const char *name;  /* of the library; NULL: inside `file` */
    const char *file;  /* where it is; NULL: not found, or not known */
    const char *above; /* what is linked to it, holds it, or names it */
};

/* Zero means unprotected. */
enum reach {
    REACH_NO = 0,   /* no preload reaches it */
    REACH_NO_HOOKS, /* a preload does, and the library has no hooks for its TLS */
    REACH_PARTLY,   /* it has for some of it */
    REACH_NO_TLS,   /* a preload does, and there is no TLS, so far as its files tell */
    REACH_YES,
    REACHES
};

struct diagnosis {
    struct target target;
    enum reach reach;
    struct tls_found tls[DIAGNOSIS_TLS]; /* what they point to stays, or is in `target` */
    size_t tls_count;
    char why[512]; /* empty where there is nothing to explain */
};

/* Looks at the program at `path`, as target_inspect does, and at the libraries that it needs. */
void diagnosis_make(const char *path, struct diagnosis *diagnosis) __attribute__((nonnull));

/* The second half of it, for a target that was inspected: *diagnosis holds it. */
void diagnosis_complete(struct diagnosis *diagnosis) __attribute__((nonnull));

/* True where it has TLS, now or as soon as it loads what it names. */
bool diagnosis_has_tls(const struct diagnosis *diagnosis) __attribute__((nonnull, warn_unused_result));

/* "yes", "no", "no hooks", ... */
const char *reach_name(enum reach reach) __attribute__((returns_nonnull, const));

#endif
