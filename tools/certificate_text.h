/* A certificate as the command shows it. */
#ifndef PINSHIM_TOOLS_CERTIFICATE_TEXT_H
#define PINSHIM_TOOLS_CERTIFICATE_TEXT_H

#include "config/pin.h"

#include <openssl/x509.h>

/* The digest of the certificate's key (RFC 7469, section 2.4). False: it has none that can be read. */
bool certificate_pin(const X509 *certificate, struct pin *pin) __attribute__((nonnull, warn_unused_result));

/* Its subject as OpenSSL writes it on one line or, as certificates may have none, "DNS:" and the first name
 * that it is for, or nothing. Printable ASCII, whatever the certificate holds: other characters are escaped.
 * The caller frees it; NULL: no memory. */
char *certificate_subject(X509 *certificate) __attribute__((nonnull, warn_unused_result));

#endif
