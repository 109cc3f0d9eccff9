/* The functions of OpenSSL that are interposed. */
#ifndef PINSHIM_HOOKS_OPENSSL_EXPORTS_H
#define PINSHIM_HOOKS_OPENSSL_EXPORTS_H

#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

typedef void info_function(const SSL *ssl, int where, int value);
typedef int verify_function(X509_STORE_CTX *ctx, void *argument);

#define HOOKS_OPENSSL
#include "hooks/declare.h"

#endif
