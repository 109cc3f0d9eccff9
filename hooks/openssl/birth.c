/* The edge at which every OpenSSL library shows itself: libssl calls X509_STORE_new of libcrypto in the
 * making of each SSL_CTX, before the context has its ex_data. */
#include "hooks/openssl/instance.h"

#include <errno.h>

X509_STORE *X509_STORE_new(void)
{
    const void *caller = __builtin_return_address(0);
    const int saved = errno;
    const struct openssl *lib = openssl_meet(caller);
    errno = saved;
    if (lib)
        return lib->api.X509_STORE_new();
    X509_STORE *(*original)(void) = (X509_STORE * (*)(void)) platform_original(caller, "X509_STORE_new");
    return original ? original() : NULL;
}
