/* The record of one TLS connection of the program, whichever library it belongs to: what the start of the
 * handshake found out, and what was decided. One thread at a time, as the library's own connection object.
 */
#ifndef PINSHIM_SHIM_CONNECTION_H
#define PINSHIM_SHIM_CONNECTION_H

#include "shim/backend.h"
#include "shim/identity.h"

#include <stdbool.h>
#include <stdint.h>

/* Zero means refused. */
enum enforcement {
    ENFORCE_REFUSE = 0, /* end the handshake */
    ENFORCE_REPORT,     /* a violation that is only reported: go on, but nothing is proven */
    ENFORCE_ALLOW,
};

/* What the start of a handshake asks for. */
enum arming {
    ARM_TERMINATE = 0, /* pinned: only a fresh certificate, or a session that this tag proves, will do */
    ARM_REPORT,        /* pinned, but only reported: change nothing that could end the connection */
    ARM_NONE,          /* no name is pinned */
};

struct connection {
    union { /* see connection_names; where they don't fit, they are allocated */
        char own[24];
        char *allocated;
    } names;
    /* What a session must carry to prove this handshake's names under this policy, as much as its library
     * keeps with it: a pointer. 0: nothing to prove. */
    uintptr_t tag;
    /* Of the start's names and policy, where there was nothing to judge; else 0. */
    uint64_t names_digest;
    bool names_kept, names_allocated;
    bool named; /* the start knew a name; else whom the client means may only show in the leaf */
    bool pinned;
    bool judged;  /* in this handshake */
    bool allowed; /* and this is the outcome; never true before `judged` */
};

/* The start's names of a pinned handshake, each with its NUL, then an empty one. NULL: it has none, or there
 * was no memory for them. */
const char *connection_names(const struct connection *connection)
    __attribute__((nonnull, warn_unused_result));

/* A handshake starts: forgets the one before, and looks the names up. Where `identity` is unnamed, here and
 * below, the names of the leaf are added that matter. */
enum arming connection_begin(struct connection *connection, struct identity *identity,
                             const struct backend *backend, void *peer)
    __attribute__((nonnull, warn_unused_result));

/* A handshake starts on a connection that had one (renegotiation): the names stay, the proof doesn't. */
void connection_begin_again(struct connection *connection) __attribute__((nonnull));

/* The moment of proof. `identity` holds the names as they are now; those of the start are added. Emits the
 * events. The outcome stands for this handshake; asked again (a callback that runs twice), it is found anew,
 * but never turns from refused to allowed. */
enum enforcement connection_judge(struct connection *connection, struct identity *identity,
                                  const struct backend *backend, void *peer)
    __attribute__((nonnull, warn_unused_result));

/* The other proof: a session was resumed that carries `tag`. True, and the handshake is allowed, where that
 * is the tag of the names as they are now. */
bool connection_prove_by_session(struct connection *connection, struct identity *identity,
                                 const struct backend *backend, void *peer, uintptr_t tag)
    __attribute__((nonnull, warn_unused_result));

/* Frees what the record owns, and forgets. */
void connection_clear(struct connection *connection) __attribute__((nonnull));

#endif
