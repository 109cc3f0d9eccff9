/* Handshakes that rest on a secret, or on nothing, and show no certificate: pre-shared keys, SRP, EAP-FAST,
 * anonymous suites.
 */
#ifndef PINSHIM_HOOKS_OPENSSL_WITHOUT_CERTIFICATE_H
#define PINSHIM_HOOKS_OPENSSL_WITHOUT_CERTIFICATE_H

#include "hooks/openssl/record.h"

/* The library offers none of them on this SSL, and takes none. */
void without_certificate_refuse(struct ssl_record *record, SSL *ssl) __attribute__((nonnull));

#endif
