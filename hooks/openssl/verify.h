/* The verdict in the midst of the library's verification of a certificate. */
#ifndef PINSHIM_HOOKS_OPENSSL_VERIFY_H
#define PINSHIM_HOOKS_OPENSSL_VERIFY_H

#include "hooks/openssl/record.h"

/* What SSL_CTX_set_cert_verify_callback is given in place of the program's function; `argument` is a struct
 * program_verification. */
int verify_by_program(X509_STORE_CTX *ctx, void *argument) __attribute__((nonnull(1)));

#endif
