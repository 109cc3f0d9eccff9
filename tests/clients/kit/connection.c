#include "tests/clients/kit/kit.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The life of one connection. */

static void swap_context(const struct connection *connection, SSL *ssl)
{
    struct options other = *connection->options;
    other.verify = "instead";
    SSL_CTX *lax = context_new(&other);
    SSL_set_SSL_CTX(ssl, lax);
    SSL_CTX_free(lax);
}

/* Made by a chain of BIOs, which owns it; the connection has a reference of its own. */
static SSL *ssl_of_chain(struct connection *connection, SSL_CTX *ctx)
{
    SSL *ssl = NULL;
    connection->bio = transport_chain(ctx);
    BIO_get_ssl(connection->bio, &ssl);
    if (ssl)
        SSL_up_ref(ssl);
    return ssl;
}

static SSL *ssl_new(struct connection *connection, SSL_CTX *ctx)
{
    const struct options *options = connection->options;
    SSL_CTX *own = options->contexts ? context_new(options) : NULL;
    if (own)
        ctx = own;
    SSL *ssl = transport_is_chain(options) ? ssl_of_chain(connection, ctx) : SSL_new(ctx);
    SSL_CTX_free(own);
    if (ssl && options->dup) {
        SSL *copy = SSL_dup(ssl);
        SSL_free(ssl);
        ssl = copy;
    }
    if (ssl && options->swap_context)
        swap_context(connection, ssl);
    return ssl;
}

static bool reach(struct connection *connection)
{
    const struct options *options = connection->options;
    const bool then = connection->number % NESTED > 1;
    connection->fd =
        transport_connect(options, then && options->then_port ? options->then_port : options->port);
    if (connection->fd < 0)
        fprintf(stderr, "kit: connect: %s\n", strerror(errno));
    snprintf(connection->secret, SECRET_SIZE, "%s.%d\n",
             then && options->then_secret ? options->then_secret : options->secret, connection->number);
    return connection->fd >= 0;
}

bool connection_prepare(struct connection *connection, SSL_CTX *ctx, struct connection *before)
{
    const struct options *options = connection->options;
    const bool again = before && (options->clear || before->number + 1 < connection->number);
    if (!reach(connection))
        return false;
    ERR_raise(ERR_LIB_USER, 1); /* a mark: nothing before the handshake may touch the queue */
    connection->ssl = again ? before->ssl : ssl_new(connection, ctx);
    connection->before = before ? before->ssl : NULL;
    if (again && (!SSL_up_ref(connection->ssl) || SSL_clear(connection->ssl) != 1))
        return false;
    connection_bind(connection);
    verification_set_late(options, connection->ssl);
    secrets_set_early(connection);
    trace_install(connection);
    names_set_first(connection);
    moment_watch(connection);
    return transport_attach(connection);
}

bool connection_shake_hands(struct connection *connection)
{
    connection->seen.handshake = drive_handshake(connection);
    if (!connection->seen.handshake && connection->options->ignore_errors)
        drive_regardless(connection);
    return connection->seen.handshake;
}

bool connection_exchange(struct connection *connection)
{
    const struct options *options = connection->options;
    if (!names_fit(connection) || !drive_exchange(connection))
        return false;
    if (options->renegotiate && !drive_renegotiation(connection))
        return false;
    if (options->update_keys && !drive_key_update(connection))
        return false;
    session_keep(connection);
    return true;
}

void connection_end(struct connection *connection, bool keep_ssl)
{
    if (!transport_is_chain(connection->options))
        BIO_free_all(connection->bio); /* it holds the transport, too */
    if (connection->seen.handshake)
        (void)SSL_shutdown(connection->ssl);
    transport_flush(connection);
    if (transport_is_chain(connection->options))
        BIO_free_all(connection->bio);
    connection->bio = NULL;
    if (!keep_ssl)
        SSL_free(connection->ssl);
    transport_close(connection);
}

bool connection_nested(struct connection *outer)
{
    struct options options = *outer->options;
    struct connection *connection = calloc(1, sizeof *connection);
    SSL_CTX *ctx = context_new(&options);
    if (!connection)
        return false;
    *connection = (struct connection){.options = &options, .number = NESTED + outer->number};
    const bool ok = connection_prepare(connection, ctx, NULL) && connection_shake_hands(connection) &&
                    connection_exchange(connection);
    report_print(connection);
    connection_end(connection, false);
    SSL_CTX_free(ctx);
    free(connection);
    return ok;
}
