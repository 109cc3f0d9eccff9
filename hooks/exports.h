/* The interposed functions, declared from hooks.def beside the library's own headers: a prototype that
 * differs from theirs doesn't compile. */
#ifndef PINSHIM_HOOKS_EXPORTS_H
#define PINSHIM_HOOKS_EXPORTS_H

#include <netdb.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

typedef void info_function(const SSL *ssl, int where, int value);
typedef int verify_function(X509_STORE_CTX *ctx, void *argument);

#define HOOK(library, type, name, parameters, stage)                                                         \
    __attribute__((visibility("default"))) type name parameters;
#include "hooks/hooks.def"
#undef HOOK

#endif
