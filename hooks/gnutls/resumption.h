/* The sessions that a program offers for resumption. A resumed session shows no certificate, and the library
 * can't be asked to give one back that it was given: so it gets none for a pinned host, ever, and a full
 * handshake follows.
 */
#ifndef PINSHIM_HOOKS_GNUTLS_RESUMPTION_H
#define PINSHIM_HOOKS_GNUTLS_RESUMPTION_H

#include "hooks/gnutls/record.h"

/* What the program gives. Passed on where the names are known that it is for, and none is pinned; kept until
 * they are; the result is the library's. */
int resumption_offer(struct session_record *record, gnutls_session_t session, const void *data, size_t size)
    __attribute__((nonnull(1)));

/* The names of the handshake that begins are looked up: gives what was kept to the library, or drops it. */
void resumption_decide(struct session_record *record, gnutls_session_t session) __attribute__((nonnull(1)));

/* A connection was judged: notes whether a peer that the program names by nothing may be a pinned one. */
void resumption_learn(const struct connection *connection) __attribute__((nonnull));

void resumption_forget(struct session_record *record) __attribute__((nonnull));

#endif
