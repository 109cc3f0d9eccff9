/* A client of OpenSSL whose objects are made, and end, in ways of their own.
 *
 * births WAY PORT NAME: sends "secret\n" to the server by that name, in up to two connections, and prints how
 * it went. As a library it makes its SSL_CTX, and its first SSL, in its constructor; with BIRTHS_PSK they
 * have a pre-shared key, of so many bytes 0, 1, 2 and so on.
 *
 * - plain: one connection, of an SSL that is made now
 * - early: one, of the SSL that the constructor made
 * - driven: the same, by SSL_connect
 * - ended: one, whose program looks at what it set while the SSL is freed
 * - copied: one, of the SSL's copy
 * - context: two, the second resumed, after a library context that is gone again
 * - again: one, in a library context where another was: its sessions have data of the program's
 */
#include "tests/clients/loopback.h"

#include <openssl/crypto.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static SSL_CTX *context;
static SSL *first;
static SSL_SESSION *session;

static int told; /* how often the program's info callback was called */

static void info(const SSL *ssl, int where, int value)
{
    (void)ssl, (void)where, (void)value;
    told++;
}

static int keep(SSL *ssl, SSL_SESSION *made)
{
    (void)ssl;
    SSL_SESSION_free(session);
    session = made;
    return 1;
}

static unsigned give(SSL *ssl, const char *hint, char *identity, unsigned most, unsigned char *key,
                     unsigned key_most)
{
    const unsigned length = (unsigned)atoi(getenv("BIRTHS_PSK"));
    (void)ssl, (void)hint;
    snprintf(identity, most, "births");
    for (unsigned i = 0; i < length && i < key_most; i++)
        key[i] = (unsigned char)i;
    return length;
}

static void begin(void)
{
    context = SSL_CTX_new(TLS_client_method());
    if (getenv("BIRTHS_PSK"))
        SSL_CTX_set_psk_client_callback(context, give);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep);
    first = SSL_new(context);
}

#ifdef __PIC__
__attribute__((constructor)) static void at_load(void)
{
    if (!getenv("BIRTHS_AT_LOAD"))
        return;
    begin();
    SSL_set_info_callback(first, info);
}
#endif

static void on_free(void *ssl, void *data, CRYPTO_EX_DATA *all, int index, long number, void *argument)
{
    (void)data, (void)all, (void)index, (void)number, (void)argument;
    printf("ended=%s\n", SSL_get_info_callback(ssl) == info ? "same" : "other");
}

static void on_free_of_session(void *made, void *data, CRYPTO_EX_DATA *all, int index, long number,
                               void *argument)
{
    (void)made, (void)all, (void)index, (void)number, (void)argument;
    if (data)
        puts("data=foreign");
}

static void talk(SSL *ssl, char **argv)
{
    char answer[64];
    SSL_set_fd(ssl, loopback_connect(atoi(argv[2])));
    SSL_set_tlsext_host_name(ssl, argv[3]);
    if (session)
        SSL_set_session(ssl, session);
    SSL_set_connect_state(ssl);
    const int sent =
        strcmp(argv[1], "driven") != 0 || SSL_connect(ssl) == 1 ? SSL_write(ssl, "secret\n", 7) : 0;
    const int read = sent > 0 ? SSL_read(ssl, answer, sizeof answer) : 0;
    printf("sent=%d answered=%d reused=%d\n", sent > 0, read > 0, SSL_session_reused(ssl));
    SSL_shutdown(ssl);
    close(SSL_get_fd(ssl));
    SSL_free(ssl);
}

static void in_own(OSSL_LIB_CTX *own, char **argv)
{
    OSSL_LIB_CTX *outer = OSSL_LIB_CTX_set0_default(own);
    if (argv)
        CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_SESSION, 0, NULL, NULL, NULL, on_free_of_session);
    begin();
    SSL_free(first);
    if (argv)
        talk(SSL_new(context), argv);
    SSL_CTX_free(context);
    SSL_SESSION_free(session);
    session = NULL;
    OSSL_LIB_CTX_set0_default(outer);
}

/* Where OpenSSL's next object is to be made, and what isn't freed for that. */
static void *place, *kept;

static void *allocate(size_t size, const char *file, int line)
{
    void *given = place;
    (void)file, (void)line;
    place = NULL;
    return given ? given : malloc(size);
}

static void *resize(void *block, size_t size, const char *file, int line)
{
    (void)file, (void)line;
    return realloc(block, size);
}

static void release(void *block, const char *file, int line)
{
    (void)file, (void)line;
    if (block != kept)
        free(block);
}

static void again(char **argv)
{
    CRYPTO_set_mem_functions(allocate, resize, release);
    OSSL_LIB_CTX *before = OSSL_LIB_CTX_new();
    in_own(before, NULL);
    kept = before;
    OSSL_LIB_CTX_free(before);
    place = before;
    OSSL_LIB_CTX *own = OSSL_LIB_CTX_new();
    if (own == before)
        in_own(own, argv);
}

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    const char *way = argv[1];
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (strcmp(way, "again") == 0) {
        again(argv);
        return 0;
    }
    OSSL_LIB_CTX *own = strcmp(way, "context") == 0 ? OSSL_LIB_CTX_new() : NULL;
    if (own) {
        OSSL_LIB_CTX *outer = OSSL_LIB_CTX_set0_default(own);
        SSL_CTX_free(SSL_CTX_new(TLS_client_method()));
        OSSL_LIB_CTX_set0_default(outer);
        OSSL_LIB_CTX_free(own);
    }
    if (!context)
        begin();
    if (strcmp(way, "ended") == 0) {
        SSL_get_ex_new_index(0, NULL, NULL, NULL, on_free);
        SSL_set_info_callback(first, info);
    }
    if (strcmp(way, "copied") == 0) {
        SSL_set_info_callback(first, info);
        SSL *copy = SSL_dup(first);
        SSL_free(first);
        first = copy;
        printf("copied=%s\n", SSL_get_info_callback(copy) == info ? "same" : "other");
    }
    talk(strcmp(way, "plain") == 0 ? SSL_new(context) : first, argv);
    if (own)
        talk(SSL_new(context), argv);
    printf("told=%s\n", told ? "yes" : "no");
    return 0;
}
