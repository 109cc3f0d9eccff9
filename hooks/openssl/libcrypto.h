/* The libcryptos of this process (hooks/instance.h), which call what we interpose through their own tables:
 * for each certificate and each key, in programs without TLS, too.
 */
#ifndef PINSHIM_HOOKS_OPENSSL_LIBCRYPTO_H
#define PINSHIM_HOOKS_OPENSSL_LIBCRYPTO_H

#include "hooks/instance.h"
#include "hooks/openssl/exports.h"

typedef int new_function(int class_index, void *object, CRYPTO_EX_DATA *data);
typedef void free_function(int class_index, void *object, CRYPTO_EX_DATA *data);

struct libcrypto {
    struct instance instance;
    new_function *new_ex_data; /* its own */
    free_function *free_ex_data;
};

/* The known libcrypto whose code this is; NULL. */
const struct libcrypto *libcrypto_of_code(const void *code) __attribute__((nonnull, warn_unused_result));

/* The same, but one that isn't known yet becomes so; NULL where the code is another object's, and where
 * memory is out. */
const struct libcrypto *libcrypto_meet(const void *code) __attribute__((nonnull, warn_unused_result));

#endif
