#include "tests/clients/kit/kit.h"

enum { HANDSHAKE_RECORD = 22 };

static void watch_messages(int written, int version, int type, const void *bytes, size_t length, SSL *ssl,
                           void *argument)
{
    (void)version, (void)argument;
    if (written && type == HANDSHAKE_RECORD && length > 0 && *(const char *)bytes == SSL3_MT_CLIENT_HELLO)
        moment_reached(connection_of(ssl), MOMENT_MESSAGE);
}

void moment_watch(struct connection *connection)
{
    const struct options *options = connection->options;
    if (options->late_names == MOMENT_MESSAGE || options->late_session == MOMENT_MESSAGE ||
        options->late_psk == MOMENT_MESSAGE)
        SSL_set_msg_callback(connection->ssl, watch_messages);
    moment_reached(connection, MOMENT_BEFORE);
}

void moment_reached(struct connection *connection, enum moment moment)
{
    const struct options *options = connection->options;
    if (moment != MOMENT_BEFORE && moment <= connection->moment)
        return;
    connection->moment = moment;
    if (options->late_names == moment)
        names_set(connection);
    if (options->late_session == moment)
        session_offer(connection);
    if (options->late_psk == moment && options->psk && moment != MOMENT_BEFORE)
        secrets_set_late(connection);
}
