#include "tests/clients/soak/soak.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <unistd.h>

static SSL_CTX *ctx;

static void start(const char *ca)
{
    ctx = SSL_CTX_new(TLS_client_method());
    if (!ctx || SSL_CTX_load_verify_file(ctx, ca) != 1)
        exit(2);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
}

static bool connect_by_openssl(int port, const char *host, char *why, size_t size)
{
    char reply[64];
    const int fd = soak_dial(port);
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, fd);
    SSL_set_tlsext_host_name(ssl, host);
    SSL_set1_host(ssl, host);
    const bool shaken = SSL_connect(ssl) == 1;
    ERR_error_string_n(ERR_peek_error(), why, size);
    const bool ok =
        SSL_write(ssl, SECRET, sizeof SECRET - 1) > 0 && shaken && SSL_read(ssl, reply, sizeof reply) > 0;
    if (ok)
        (void)SSL_shutdown(ssl);
    SSL_free(ssl);
    ERR_clear_error();
    close(fd);
    return ok;
}

const struct library by_openssl = {"openssl", start, connect_by_openssl};
