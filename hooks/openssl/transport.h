/* The transport of an SSL whose handshake came to an end that must not be used. */
#ifndef PINSHIM_HOOKS_OPENSSL_TRANSPORT_H
#define PINSHIM_HOOKS_OPENSSL_TRANSPORT_H

#include "hooks/openssl/record.h"

/* Nothing the program still writes on this SSL reaches the peer, and nothing that the peer has sent reaches
 * the program: takes the transport away. The program's BIOs live on, for it may know them by their address.
 */
void transport_cut(struct ssl_record *record, SSL *ssl) __attribute__((nonnull));

/* Frees what transport_cut has kept. */
void transport_release(struct ssl_record *record) __attribute__((nonnull));

#endif
