/* What the peer is told when a handshake must not go on, and what becomes of the transport. */
#ifndef PINSHIM_HOOKS_GNUTLS_TRANSPORT_H
#define PINSHIM_HOOKS_GNUTLS_TRANSPORT_H

#include "hooks/gnutls/record.h"

/* Sends a fatal alert, which GnuTLS leaves to the program. Never waits. */
void session_alert(const struct session_record *record, gnutls_session_t session,
                   gnutls_alert_description_t alert) __attribute__((nonnull(1)));

/* Nothing the program still writes in this session reaches the peer, and nothing that the peer has sent
 * reaches the program. */
void session_cut(struct session_record *record, gnutls_session_t session) __attribute__((nonnull(1)));

#endif
