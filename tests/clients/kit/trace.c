#include "tests/clients/kit/kit.h"

#include <stdio.h>

struct connection *connection_of(const SSL *ssl)
{
    return SSL_get_app_data(ssl);
}

void connection_bind(struct connection *connection)
{
    SSL_set_app_data(connection->ssl, connection);
}

/* Every event, with the state the library says it is in. */
static void trace(const SSL *ssl, int where, int value)
{
    struct connection *connection = connection_of(ssl);
    if (!connection) /* an SSL that was copied, and not yet bound */
        return;
    struct seen *seen = &connection->seen;
    const int length = snprintf(seen->trace + seen->trace_length, TRACE_SIZE - seen->trace_length,
                                "%x:%d:%s;", (unsigned)where, value, SSL_state_string(ssl));
    if (length > 0 && (size_t)length < TRACE_SIZE - seen->trace_length)
        seen->trace_length += (size_t)length;
    if (where & SSL_CB_HANDSHAKE_START)
        moment_reached(connection, MOMENT_START);
    else if (where & SSL_CB_LOOP)
        moment_reached(connection, MOMENT_LOOP);
}

/* A program that sets its callback only once the handshake has begun. */
static void trace_late(const SSL *ssl, int where, int value)
{
    if (where & SSL_CB_HANDSHAKE_START)
        SSL_set_info_callback((SSL *)ssl, trace);
    trace(ssl, where, value);
}

void trace_install_on_context(const struct options *options, SSL_CTX *ctx)
{
    if (options->info == INFO_CONTEXT)
        SSL_CTX_set_info_callback(ctx, trace);
    else if (options->info == INFO_LATE)
        SSL_CTX_set_info_callback(ctx, trace_late);
}

void trace_install(struct connection *connection)
{
    const bool own = connection->options->info == INFO_EARLY;
    if (own)
        SSL_set_info_callback(connection->ssl, trace);
    connection->seen.info_getter = SSL_get_info_callback(connection->ssl) == (own ? trace : NULL);
}
