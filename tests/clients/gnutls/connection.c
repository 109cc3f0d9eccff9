#include "tests/clients/gnutls/kit.h"

#include <dlfcn.h>
#include <errno.h>
#include <gnutls/dtls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The life of one connection. */

bool is_then(const struct connection *connection)
{
    return connection->number % NESTED > 1;
}

static void set_sni(const struct connection *connection, const char *name)
{
    if (name)
        gnutls_server_name_set(connection->session, GNUTLS_NAME_DNS, name, strlen(name));
}

void connection_name(struct connection *connection)
{
    const struct options *options = connection->options;
    if (connection->named)
        return;
    connection->named = true;
    set_sni(connection, is_then(connection) && options->then_sni ? options->then_sni : options->sni);
    verification_set(connection);
}

/* Before the ClientHello is made, the library asks its hook. */
static int before_hello(gnutls_session_t session, unsigned type, unsigned when, unsigned incoming,
                        const gnutls_datum_t *message)
{
    (void)type, (void)when, (void)message;
    struct connection *connection = gnutls_session_get_ptr(session);
    if (!incoming && connection->options->late_names == MOMENT_HELLO)
        connection_name(connection);
    return 0;
}

static void offer(struct connection *connection)
{
    if (connection->resumption.data)
        gnutls_session_set_data(connection->session, connection->resumption.data,
                                connection->resumption.size);
    if (connection->options->session_in && !is_then(connection)) {
        gnutls_datum_t data;
        if (gnutls_load_file(connection->options->session_in, &data) < 0)
            exit(2);
        gnutls_session_set_data(connection->session, data.data, data.size);
        gnutls_free(data.data);
    }
}

static unsigned flags_of(const struct options *options)
{
    return GNUTLS_CLIENT | (options->tls == DTLS_1_2 ? GNUTLS_DATAGRAM : 0) |
           (options->nonblocking ? GNUTLS_NONBLOCK : 0) |
           (options->drive == DRIVE_FALSE_START ? GNUTLS_ENABLE_FALSE_START : 0) |
           (options->drive == DRIVE_EARLY_DATA ? GNUTLS_ENABLE_EARLY_DATA : 0) |
           (options->raw_keys ? GNUTLS_ENABLE_RAWPK : 0) |
           (options->renegotiate ? GNUTLS_ALLOW_ID_CHANGE : 0);
}

static int verify_strictly(gnutls_session_t session)
{
    unsigned status = 0;
    return gnutls_certificate_verify_peers2(session, &status) == 0 && status == 0 ? 0 : -1;
}

/* As a library does whose calls go to GnuTLS past any preload, and which hands its session on then. */
static int init_unseen(gnutls_session_t *session, unsigned flags)
{
    void *library = dlopen("libgnutls.so.30", RTLD_LAZY | RTLD_NOLOAD);
    __typeof__(&gnutls_init) init = __extension__(__typeof__(init)) dlsym(library, "gnutls_init");
    __typeof__(&gnutls_session_set_verify_function) set_verify =
        __extension__(__typeof__(set_verify)) dlsym(library, "gnutls_session_set_verify_function");
    const int result = init(session, flags);
    if (result == 0)
        set_verify(*session, verify_strictly);
    return result;
}

bool connection_prepare(struct connection *connection, const struct connection *before)
{
    const struct options *options = connection->options;
    const bool then = is_then(connection);
    if ((options->unseen_birth ? init_unseen : gnutls_init)(&connection->session, flags_of(options)) < 0)
        exit(1);
    gnutls_session_set_ptr(connection->session, connection);
    gnutls_handshake_set_hook_function(connection->session, GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_PRE,
                                       before_hello);
    if (gnutls_priority_set_direct(connection->session, secrets_priority(options), NULL) < 0)
        exit(2);
    secrets_set(connection);
    if (before && options->resume)
        connection->resumption = before->kept;
    if (options->offer_first)
        offer(connection);
    set_sni(connection, options->first_name);
    if (options->late_names == MOMENT_BEFORE)
        connection_name(connection);
    if (!options->offer_first)
        offer(connection);
    snprintf(connection->secret, SECRET_SIZE, "%s.%d\n",
             then && options->then_secret ? options->then_secret : options->secret, connection->number);
    connection->fd = transport_connect(connection);
    if (connection->fd < 0)
        return false;
    transport_attach(connection);
    return true;
}

/* One call into the library, until it is done or hopeless. */
typedef ssize_t call(struct connection *connection);

static ssize_t complete(struct connection *connection, call *function)
{
    for (;;) {
        errno = ERRNO_MARK;
        const ssize_t result = function(connection);
        connection->system_error = errno;
        connection->error = result < 0 ? (int)result : 0;
        if (result >= 0 || !transport_wait(connection, (int)result))
            return result;
        if (connection->options->late_names == MOMENT_WAIT)
            connection_name(connection);
    }
}

static ssize_t by_handshake(struct connection *connection)
{
    return gnutls_handshake(connection->session);
}

static ssize_t by_send(struct connection *connection)
{
    return gnutls_record_send(connection->session, connection->secret, strlen(connection->secret));
}

static ssize_t by_receive(struct connection *connection)
{
    char bytes[4096];
    return gnutls_record_recv(connection->session, bytes, sizeof bytes);
}

static bool was_sent_early(const struct connection *connection)
{
    return gnutls_session_get_flags(connection->session) & GNUTLS_SFLAGS_EARLY_DATA;
}

/* A program that doesn't look at results. */
static void go_on_regardless(struct connection *connection)
{
    connection->forced_tried = true;
    if (connection->options->attach_again) { /* the session may have lost its transport */
        gnutls_transport_set_push_function(connection->session, NULL);
        gnutls_transport_set_vec_push_function(connection->session, NULL);
        transport_attach(connection);
    }
    connection->forced[0] = (int)by_handshake(connection);
    connection->forced[1] = (int)by_send(connection);
    connection->forced[2] = (int)by_send(connection);
}

bool connection_shake_hands(struct connection *connection)
{
    const struct options *options = connection->options;
    if (options->drive == DRIVE_EARLY_DATA)
        connection->early = gnutls_record_send_early_data(connection->session, connection->secret,
                                                          strlen(connection->secret));
    if (__builtin_setjmp(connection->start) != 0)
        return false;
    connection->handshake = complete(connection, by_handshake) == 0;
    if (!connection->handshake && options->ignore_errors)
        go_on_regardless(connection);
    if (connection->handshake && !verification_after(connection)) {
        connection->handshake = false;
        connection->error = GNUTLS_E_CERTIFICATE_ERROR;
    }
    return connection->handshake;
}

static bool exchange(struct connection *connection)
{
    ssize_t n = complete(connection, by_send);
    if (n <= 0)
        return false;
    connection->sent += n;
    n = complete(connection, by_receive);
    connection->received += n > 0 ? n : 0;
    return n > 0;
}

static void keep(struct connection *connection)
{
    if (connection->options->resume || connection->options->session_out)
        (void)gnutls_session_get_data2(connection->session, &connection->kept);
    if (!connection->options->session_out)
        return;
    FILE *file = fopen(connection->options->session_out, "w");
    if (!file || fwrite(connection->kept.data, connection->kept.size, 1, file) != 1 || fclose(file) != 0)
        exit(2);
}

bool connection_exchange(struct connection *connection)
{
    const struct options *options = connection->options;
    if (was_sent_early(connection)) {
        const ssize_t n = complete(connection, by_receive);
        connection->received += n > 0 ? n : 0;
    } else if (!exchange(connection)) {
        return false;
    }
    keep(connection);
    if (options->renegotiate || options->update_keys)
        return complete(connection, by_handshake) == 0 && exchange(connection);
    return true;
}

void connection_end(struct connection *connection)
{
    if (connection->handshake)
        (void)gnutls_bye(connection->session, GNUTLS_SHUT_WR);
    transport_close(connection);
    gnutls_deinit(connection->session);
    secrets_free(connection);
}

bool connection_nested(const struct connection *outer)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return false;
    const bool then = outer->options->verify == VERIFY_SESSION_FETCHES; /* from somewhere else */
    *connection = (struct connection){.options = outer->options, .number = NESTED + outer->number + then};
    const bool ok = connection_prepare(connection, NULL) && connection_shake_hands(connection) &&
                    connection_exchange(connection);
    connection_report(connection);
    connection_end(connection);
    gnutls_free(connection->kept.data);
    free(connection);
    return ok;
}

void connection_report(const struct connection *connection)
{
    gnutls_session_t session = connection->session;
    unsigned served = 0;
    (void)gnutls_certificate_get_peers(session, &served);
    char forced[64] = "";
    if (connection->forced_tried)
        snprintf(forced, sizeof forced, " forced=%d,%d,%d", connection->forced[0], connection->forced[1],
                 connection->forced[2]);
    printf("connection=%d handshake=%s error=%d errno=%d verify_status=%d reused=%d protocol=%s cipher=%s "
           "served=%u sent=%ld received=%ld early=%ld,%d%s\n",
           connection->number, connection->handshake ? "ok" : "failed", connection->error,
           connection->system_error, (int)gnutls_session_get_verify_cert_status(session),
           gnutls_session_is_resumed(session), gnutls_protocol_get_name(gnutls_protocol_get_version(session)),
           gnutls_cipher_get_name(gnutls_cipher_get(session)), served, connection->sent, connection->received,
           connection->early, was_sent_early(connection), forced);
    fflush(stdout);
}
