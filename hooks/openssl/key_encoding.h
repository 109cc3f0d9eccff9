/* The DER of a certificate's SubjectPublicKeyInfo (RFC 5280, 4.1), whose SHA-256 is the pin, for the
 * algorithms that certificates of servers have: i2d_X509_PUBKEY takes ten times as long over the same bytes.
 *
 * Pure; no memory. */
#ifndef PINSHIM_HOOKS_OPENSSL_KEY_ENCODING_H
#define PINSHIM_HOOKS_OPENSSL_KEY_ENCODING_H

#include "hooks/openssl/instance.h"

/* Its length, and where it is in the buffer; 0 where it has no room there, and for parameters other than
 * none, NULL or a curve's name. A bit string of a key holds whole bytes. */
size_t key_encoding(const struct openssl_api *api, X509_PUBKEY *key, unsigned char *buffer, size_t size,
                    const unsigned char **encoding) __attribute__((nonnull, warn_unused_result));

#endif
