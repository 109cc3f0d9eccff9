#include "tests/clients/server/server.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* One connection: its handshake, what is said, and what is told of it. */

static const char GREETING[] = "220 hello\n";

static void keep(struct connection *connection, const char *bytes, size_t length)
{
    if (length > DATA_SIZE - connection->length)
        length = DATA_SIZE - connection->length;
    memcpy(connection->data + connection->length, bytes, length);
    connection->length += length;
}

static bool read_early(SSL *ssl, struct connection *connection)
{
    char bytes[4096];
    for (;;) {
        size_t length = 0;
        const int status = SSL_read_early_data(ssl, bytes, sizeof bytes, &length);
        if (status == SSL_READ_EARLY_DATA_ERROR)
            return false;
        keep(connection, bytes, length);
        connection->early += length;
        if (status == SSL_READ_EARLY_DATA_FINISH)
            return true;
    }
}

/* TLS 1.3: the first words are in the server's first flight, before the client has proven anything. */
static bool greet_with_the_handshake(SSL *ssl)
{
    size_t written = 0;
    return SSL_write_early_data(ssl, GREETING, sizeof GREETING - 1, &written) == 1;
}

/* A reply for each line, until the client goes. */
static void converse(SSL *ssl, struct connection *connection)
{
    char bytes[4096];
    if (connection->greets && !options.half_rtt)
        SSL_write(ssl, GREETING, sizeof GREETING - 1);
    if (connection->early)
        SSL_write(ssl, "250 early\n", 10);
    for (int n; (n = SSL_read(ssl, bytes, sizeof bytes)) > 0;) {
        keep(connection, bytes, (size_t)n);
        if (bytes[n - 1] == '\n')
            SSL_write(ssl, "250 ok\n", 7);
    }
}

static void report(SSL *ssl, bool ok, const struct connection *connection)
{
    char reason[128], data[DATA_SIZE + 1];
    const unsigned long error = ERR_peek_error();
    const char *text = error ? ERR_reason_error_string(error) : "-";
    snprintf(reason, sizeof reason, "%s", text ? text : "unknown");
    for (char *c = reason; *c; c++)
        *c = *c == ' ' ? '_' : *c;
    for (size_t i = 0; i < connection->length; i++)
        data[i] = connection->data[i] > ' ' && connection->data[i] < 127 ? connection->data[i] : '_';
    data[connection->length] = '\0';
    printf("connection=%d handshake=%s handshakes=%d reused=%d early=%zu bytes=%zu reason=%s data=%s\n",
           connection->number, ok ? "ok" : "failed", connection->handshakes, SSL_session_reused(ssl),
           connection->early, connection->length, reason, data);
    fflush(stdout);
}

void serve(SSL *ssl, struct connection *connection)
{
    SSL_set_app_data(ssl, connection);
    SSL_set_accept_state(ssl);
    context_prepare(ssl);
    ERR_clear_error();
    bool ok = !options.early_data || read_early(ssl, connection);
    if (ok && connection->greets && options.half_rtt)
        ok = greet_with_the_handshake(ssl);
    ok = ok && SSL_do_handshake(ssl) == 1;
    if (ok)
        converse(ssl, connection);
    report(ssl, ok, connection);
    (void)SSL_shutdown(ssl);
    SSL_free(ssl);
}
