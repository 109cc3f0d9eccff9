/* Handshakes that rest on a secret, or on nothing, and show no certificate: pre-shared keys, SRP, anonymous
 * suites. Around each call that drives a pinned handshake, the session has none of the credentials for them:
 * what needs them isn't offered, and a server that has a certificate as well shows it.
 */
#ifndef PINSHIM_HOOKS_GNUTLS_WITHOUT_CERTIFICATE_H
#define PINSHIM_HOOKS_GNUTLS_WITHOUT_CERTIFICATE_H

#include "hooks/gnutls/record.h"

void without_certificate_withhold(struct session_record *record, gnutls_session_t session)
    __attribute__((nonnull(1)));

/* Gives back what was withheld; true where anything was. */
bool without_certificate_give_back(struct session_record *record, gnutls_session_t session)
    __attribute__((nonnull(1)));

#endif
