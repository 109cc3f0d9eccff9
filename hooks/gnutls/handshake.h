/* The way of a client handshake: its start, the verdict in its midst, and its end. */
#ifndef PINSHIM_HOOKS_GNUTLS_HANDSHAKE_H
#define PINSHIM_HOOKS_GNUTLS_HANDSHAKE_H

#include "hooks/gnutls/record.h"

/* gnutls_handshake, for a session with a record. */
int session_drive(struct session_record *record, gnutls_session_t session) __attribute__((nonnull(1)));

/* The program has set a name. */
void session_renamed(struct session_record *record, gnutls_session_t session) __attribute__((nonnull(1)));

/* The program has named whom it means by asking for a verification, in the midst of the handshake or after
 * it: true where it may go on. */
bool session_may_be_used(struct session_record *record, gnutls_session_t session)
    __attribute__((nonnull(1), warn_unused_result));

#endif
