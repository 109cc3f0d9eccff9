#include "tests/clients/kit/kit.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>

/* As a cache on disk would: nothing but the serialised bytes is left. */
static SSL_SESSION *exported_and_imported(SSL_SESSION *session)
{
    unsigned char *bytes = NULL;
    const int length = i2d_SSL_SESSION(session, &bytes);
    const unsigned char *at = bytes;
    SSL_SESSION *copy = length > 0 ? d2i_SSL_SESSION(NULL, &at, length) : NULL;
    OPENSSL_free(bytes);
    return copy;
}

static void offer_file(const struct connection *connection)
{
    FILE *file = fopen(connection->options->session_in, "r");
    SSL_SESSION *session = file ? PEM_read_SSL_SESSION(file, NULL, NULL, NULL) : NULL;
    if (!session || SSL_set_session(connection->ssl, session) != 1) {
        fprintf(stderr, "kit: no session in %s\n", connection->options->session_in);
        exit(2);
    }
    SSL_SESSION_free(session);
    fclose(file);
}

/* As a program that works with BIOs does. */
static void copy_between_bios(SSL *to, SSL *from)
{
    BIO *bios[] = {BIO_new(BIO_f_ssl()), BIO_new(BIO_f_ssl())};
    BIO_set_ssl(bios[0], to, BIO_NOCLOSE);
    BIO_set_ssl(bios[1], from, BIO_NOCLOSE);
    BIO_ssl_copy_session_id(bios[0], bios[1]);
    BIO_free(bios[0]);
    BIO_free(bios[1]);
}

void session_offer(const struct connection *connection)
{
    SSL *before = connection->before;
    const enum resume resume = connection->options->resume;
    SSL_SESSION *session = before ? SSL_get1_session(before) : NULL, *copy = NULL;
    if (!before && connection->options->session_in)
        offer_file(connection);
    if (session && resume == RESUME_MEMORY)
        SSL_set_session(connection->ssl, session);
    else if (session && resume == RESUME_COPY)
        SSL_copy_session_id(connection->ssl, before);
    else if (session && resume == RESUME_BIO_COPY)
        copy_between_bios(connection->ssl, before);
    else if (session && resume != RESUME_NONE)
        copy = resume == RESUME_DUP ? SSL_SESSION_dup(session) : exported_and_imported(session);
    if (copy)
        SSL_set_session(connection->ssl, copy);
    SSL_SESSION_free(copy);
    SSL_SESSION_free(session);
}

void session_keep(const struct connection *connection)
{
    if (!connection->options->session_out)
        return;
    FILE *file = fopen(connection->options->session_out, "w");
    SSL_SESSION *session = SSL_get0_session(connection->ssl);
    if (!file || !session || !PEM_write_SSL_SESSION(file, session) || fclose(file) != 0) {
        fprintf(stderr, "kit: no session to keep in %s\n", connection->options->session_out);
        exit(2);
    }
}
