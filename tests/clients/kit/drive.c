#include "tests/clients/kit/kit.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>

/* One call into the library: > 0 done, else what SSL_get_error is asked about. */
typedef int call(struct connection *connection);

static char *reply(void)
{
    static _Thread_local char bytes[REPLY_SIZE];
    return bytes;
}

static int by_connect(struct connection *c)
{
    return SSL_connect(c->ssl);
}

static int by_handshake(struct connection *c)
{
    return SSL_do_handshake(c->ssl);
}

static int count(long *counter, int result)
{
    if (result > 0)
        *counter += result;
    return result;
}

static int by_write(struct connection *c)
{
    return count(&c->seen.sent, SSL_write(c->ssl, c->secret, (int)strlen(c->secret)));
}

static int by_write_ex(struct connection *c)
{
    size_t written = 0;
    const int ok = SSL_write_ex(c->ssl, c->secret, strlen(c->secret), &written);
    c->seen.sent += ok > 0 ? (long)written : 0;
    return ok;
}

static int by_read(struct connection *c)
{
    return count(&c->seen.received, SSL_read(c->ssl, reply(), REPLY_SIZE));
}

static int by_read_ex(struct connection *c)
{
    size_t length = 0;
    const int ok = SSL_read_ex(c->ssl, reply(), REPLY_SIZE, &length);
    c->seen.received += ok > 0 ? (long)length : 0;
    return ok;
}

static int by_peek(struct connection *c)
{
    return SSL_peek(c->ssl, reply(), REPLY_SIZE);
}

static int by_peek_ex(struct connection *c)
{
    size_t length = 0;
    return SSL_peek_ex(c->ssl, reply(), REPLY_SIZE, &length);
}

static int by_bio_handshake(struct connection *c)
{
    return (int)BIO_do_handshake(c->bio);
}

static int by_bio_write(struct connection *c)
{
    const int written = BIO_write(c->bio, c->secret, (int)strlen(c->secret));
    const bool flushed = !transport_is_chain(c->options) || BIO_flush(c->bio) == 1;
    return count(&c->seen.sent, flushed ? written : -1);
}

static int by_bio_puts(struct connection *c)
{
    return count(&c->seen.sent, BIO_puts(c->bio, c->secret));
}

/* A buffer reads on until it has all it was asked for, or a line. */
static int by_bio_read(struct connection *c)
{
    if (transport_is_chain(c->options))
        return count(&c->seen.received, BIO_gets(c->bio, reply(), REPLY_SIZE));
    return count(&c->seen.received, BIO_read(c->bio, reply(), REPLY_SIZE));
}

static int by_early_data(struct connection *c)
{
    size_t written = 0;
    const SSL_SESSION *session = SSL_get0_session(c->ssl);
    const bool possible = session && SSL_SESSION_get_max_early_data(session) > 0;
    if (!possible && !c->options->psk_session)
        return SSL_connect(c->ssl);
    return SSL_write_early_data(c->ssl, c->secret, strlen(c->secret), &written);
}

/* How a program gets its handshake done: the call that begins it, and whether it has then sent or read. */
static const struct driver {
    const char *name;
    call *first;
    bool writes, reads;
} drivers[] = {
    {"connect", by_connect, false, false},
    {"do_handshake", by_handshake, false, false},
    {"write", by_write, true, false},
    {"write_ex", by_write_ex, true, false},
    {"read", by_read, false, true},
    {"read_ex", by_read_ex, false, true},
    {"peek", by_peek, false, true},
    {"peek_ex", by_peek_ex, false, true},
    {"bio_do_handshake", by_bio_handshake, false, false},
    {"bio_write", by_bio_write, true, false},
    {"bio_puts", by_bio_puts, true, false},
    {"bio_read", by_bio_read, false, true},
    {"bio_chain", by_bio_handshake, false, false}, /* a buffer, TLS and a socket, in a row */
    {"memory_connect", by_connect, false, false},
    {"memory_write", by_write, true, false},
    {"memory_read", by_read, false, true},
    {"early_data", by_early_data, false, false},
};

static const struct driver *driver_find(const char *name)
{
    for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++)
        if (strcmp(drivers[i].name, name) == 0)
            return &drivers[i];
    return NULL;
}

bool drive_known(const char *name)
{
    return driver_find(name) != NULL;
}

/* Calls until it is done or hopeless. */
static bool complete(struct connection *c, call *function)
{
    for (;;) {
        errno = ERRNO_MARK;
        const int result = function(c);
        const int error = result > 0 ? SSL_ERROR_NONE : SSL_get_error(c->ssl, result);
        const int saved = errno;
        transport_flush(c);
        if (result <= 0 && transport_wait(c, error)) {
            moment_reached(c, MOMENT_WAIT);
            continue;
        }
        c->seen.system_error = saved;
        c->seen.ssl_error = error;
        report_errors(&c->seen);
        return result > 0;
    }
}

static void note_early_data(struct connection *c)
{
    static const char *const states[] = {"not-sent", "rejected", "accepted"};
    c->seen.early = states[SSL_get_early_data_status(c->ssl)];
}

bool drive_handshake(struct connection *c)
{
    const struct driver *driver = driver_find(c->options->drive);
    if (driver->first != by_connect)
        SSL_set_connect_state(c->ssl);
    c->seen.queued = 0;
    while (ERR_get_error())
        c->seen.queued++;
    bool ok = complete(c, driver->first);
    if (ok && driver->first == by_early_data)
        ok = complete(c, by_connect);
    note_early_data(c);
    return ok;
}

static call *write_call(const struct connection *c)
{
    return c->bio ? by_bio_write : by_write;
}

static call *read_call(const struct connection *c)
{
    return c->bio ? by_bio_read : by_read;
}

bool drive_exchange(struct connection *c)
{
    const struct driver *driver = driver_find(c->options->drive);
    const bool peeked = driver->first == by_peek || driver->first == by_peek_ex;
    const bool early = SSL_get_early_data_status(c->ssl) == SSL_EARLY_DATA_ACCEPTED;
    if (peeked && !complete(c, by_read))
        return false;
    if (!driver->writes && !early && !complete(c, write_call(c)))
        return false;
    return complete(c, read_call(c));
}

bool drive_renegotiation(struct connection *c)
{
    return SSL_renegotiate(c->ssl) == 1 && complete(c, by_handshake) && complete(c, write_call(c)) &&
           complete(c, read_call(c));
}

bool drive_key_update(struct connection *c)
{
    return SSL_key_update(c->ssl, SSL_KEY_UPDATE_REQUESTED) == 1 && complete(c, by_handshake) &&
           complete(c, write_call(c)) && complete(c, read_call(c));
}

void drive_regardless(struct connection *c)
{
    c->seen.forced_tried = true;
    if (c->options->attach_again) /* the SSL may have lost its transport */
        SSL_set_fd(c->ssl, c->fd);
    for (int i = 0; i < 2; i++) {
        c->seen.forced[i] = write_call(c)(c);
        transport_flush(c);
        (void)(c->bio ? BIO_should_retry(c->bio) : SSL_pending(c->ssl));
    }
}
