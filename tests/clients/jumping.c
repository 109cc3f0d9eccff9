/* A client that jumps out of its verification (longjmp), and then goes on: verifies a certificate of its own,
 * connects again, and verifies once more. Prints a line for each: `WHAT=RESULT`.
 *
 * jumping PORT CA NAME WAY
 * WAY: callback, from its verify callback; instead, from its own verification function, of which the
 * library's is a part; freed, from the callback, and the connection is freed.
 */
#include "tests/clients/loopback.h"
#include "tests/clients/own_verification.h"

#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATIENCE = 30 /* seconds */ };

static jmp_buf start;
static bool jumps;

static int jump(int ok, X509_STORE_CTX *ctx)
{
    (void)ctx;
    if (jumps)
        longjmp(start, 1);
    return ok;
}

static int verify(X509_STORE_CTX *ctx, void *argument)
{
    (void)argument;
    return X509_verify_cert(ctx);
}

static SSL *begin(SSL_CTX *ctx, int port, const char *name)
{
    SSL *ssl = SSL_new(ctx);
    if (!ssl || SSL_set_fd(ssl, loopback_connect(port)) != 1 || SSL_set_tlsext_host_name(ssl, name) != 1 ||
        SSL_set1_host(ssl, name) != 1)
        exit(2);
    return ssl;
}

static void finish(SSL *ssl)
{
    const int fd = SSL_get_fd(ssl);
    SSL_free(ssl);
    close(fd);
}

static const char *talk(SSL *ssl)
{
    static const char secret[] = "secret.1\n";
    char reply[256];
    if (SSL_connect(ssl) != 1)
        return "refused";
    const bool told = SSL_write(ssl, secret, sizeof secret - 1) > 0 && SSL_read(ssl, reply, sizeof reply) > 0;
    (void)SSL_shutdown(ssl);
    return told ? "connected" : "cut";
}

static const char *talk_or_jump(SSL *ssl)
{
    jumps = true;
    const char *volatile result = "jumped";
    if (setjmp(start) == 0)
        result = talk(ssl);
    jumps = false;
    return result;
}

static void print_own(SSL_CTX *ctx)
{
    printf("own=%d\n", verify_own(ctx));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (argc != 5 || !ctx || SSL_CTX_load_verify_file(ctx, argv[2]) != 1)
        return 2;
    alarm(PATIENCE);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, jump);
    if (strcmp(argv[4], "instead") == 0)
        SSL_CTX_set_cert_verify_callback(ctx, verify, NULL);
    const int port = atoi(argv[1]);
    SSL *abandoned = begin(ctx, port, argv[3]);
    printf("first=%s\n", talk_or_jump(abandoned));
    if (strcmp(argv[4], "freed") == 0)
        finish(abandoned), abandoned = NULL;
    print_own(ctx);
    SSL *second = begin(ctx, port, argv[3]);
    printf("second=%s\n", talk(second));
    finish(second);
    print_own(ctx);
    if (abandoned)
        finish(abandoned);
    SSL_CTX_free(ctx);
    return 0;
}
