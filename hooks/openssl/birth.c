/* The edge at which every OpenSSL library shows itself: libssl calls X509_STORE_new of libcrypto in the
 * making of each SSL_CTX, before the context has its ex_data. */
#include "hooks/openssl/instance.h"

#include <errno.h>

X509_STORE *X509_STORE_new(void)
{
    const void *caller = __builtin_return_address(0);
    const int saved = errno;
    struct openssl *lib;
    const enum meeting meeting = openssl_meet(caller, &lib);
    errno = saved;
    if (meeting == MEET_KNOWN)
        return lib->api.X509_STORE_new();
    if (meeting == MEET_NO_MEMORY) /* so is the program's: a context that nobody watches would be the worse */
        return NULL;
    X509_STORE *(*original)(void) = (X509_STORE * (*)(void)) platform_original(caller, "X509_STORE_new");
    return original ? original() : NULL;
}
