/* A preload of somebody else's that stands before functions of OpenSSL and counts their calls, as tracers do.
 */
#include <dlfcn.h>
#include <openssl/ssl.h>
#include <stdio.h>

int SSL_connect(SSL *ssl)
{
    __typeof__(&SSL_connect) next = (__typeof__(&SSL_connect))dlsym(RTLD_NEXT, "SSL_connect");
    fputs("seen by another\n", stderr);
    return next(ssl);
}
