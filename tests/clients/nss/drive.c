#include "tests/clients/nss/nss.h"

#include <private/pprio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One call into the library: > 0 done, 0 the end, < 0 with its error. */
typedef int call(struct connection *connection);

static PRIntervalTime bound(void)
{
    return PR_SecondsToInterval(WAIT_SECONDS);
}

static char *reply(void)
{
    static _Thread_local char bytes[4096];
    return bytes;
}

static int count(long *counter, int result)
{
    if (result > 0)
        *counter += result;
    return result;
}

/* Once it is done, another call would wait for the server's next words. */
static bool is_done(const struct connection *c)
{
    int on = SSL_SECURITY_STATUS_OFF;
    (void)SSL_SecurityStatus(c->fd, &on, NULL, NULL, NULL, NULL, NULL);
    return on != SSL_SECURITY_STATUS_OFF;
}

static int by_force(struct connection *c)
{
    return is_done(c) || SSL_ForceHandshake(c->fd) == SECSuccess ? 1 : -1;
}

static int by_force_again(struct connection *c)
{
    return SSL_ForceHandshake(c->fd) == SECSuccess ? 1 : -1;
}

static int by_force_timeout(struct connection *c)
{
    return is_done(c) || SSL_ForceHandshakeWithTimeout(c->fd, bound()) == SECSuccess ? 1 : -1;
}

static int by_write(struct connection *c)
{
    return count(&c->seen.sent, PR_Write(c->fd, c->secret, (PRInt32)strlen(c->secret)));
}

static int by_send(struct connection *c)
{
    return count(&c->seen.sent, PR_Send(c->fd, c->secret, (PRInt32)strlen(c->secret), 0, bound()));
}

static int by_writev(struct connection *c)
{
    const PRIOVec vector = {c->secret, (int)strlen(c->secret)};
    return count(&c->seen.sent, PR_Writev(c->fd, &vector, 1, bound()));
}

/* A file with the secret. */
static int by_transmit(struct connection *c)
{
    FILE *named = tmpfile();
    PRFileDesc *file = named ? PR_ImportFile(dup(fileno(named))) : NULL;
    if (!file)
        return -1;
    fclose(named);
    int result = PR_Write(file, c->secret, (PRInt32)strlen(c->secret));
    if (result > 0)
        result = PR_TransmitFile(c->fd, file, NULL, 0, PR_TRANSMITFILE_KEEP_OPEN, bound());
    const int error = PR_GetError(), os_error = PR_GetOSError();
    PR_Close(file);
    PR_SetError(error, os_error);
    return count(&c->seen.sent, result);
}

static int by_read(struct connection *c)
{
    return count(&c->seen.received, PR_Read(c->fd, reply(), 4096));
}

static int by_recv(struct connection *c)
{
    return count(&c->seen.received, PR_Recv(c->fd, reply(), 4096, 0, bound()));
}

static int by_peek(struct connection *c)
{
    return PR_Recv(c->fd, reply(), 4096, PR_MSG_PEEK, bound());
}

/* How a program gets its handshake done: the call that begins it, and whether it has then sent or read. */
static const struct driver {
    const char *name;
    call *first;
    bool writes, reads;
    call *write; /* where it hasn't sent; NULL: by_write */
} drivers[] = {
    {"force", by_force, false, false, NULL},
    {"force-timeout", by_force_timeout, false, false, NULL},
    {"write", by_write, true, false, NULL},
    {"send", by_send, true, false, NULL},
    {"writev", by_writev, true, false, NULL},
    {"transmit", by_transmit, true, false, NULL},
    {"force-transmit", by_force, false, false, by_transmit},
    {"read", by_read, false, true, NULL},
    {"recv", by_recv, false, true, NULL},
    {"peek", by_peek, false, false, NULL},
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

/* False: no use trying again. */
static bool wait_for(struct connection *c)
{
    if (PR_GetError() != PR_WOULD_BLOCK_ERROR)
        return false;
    connection_rename(c, MOMENT_WAIT);
    if (verification_conclude(c))
        return true;
    PRPollDesc poll = {.fd = c->fd, .in_flags = PR_POLL_READ};
    return PR_Poll(&poll, 1, bound()) > 0;
}

/* Calls until it is done or hopeless. */
static bool complete(struct connection *c, call *function)
{
    int result;
    do {
        PR_SetError(ERROR_MARK, 1);
        result = function(c);
        c->seen.error = PR_GetError();
        c->seen.os_error = PR_GetOSError();
    } while (result < 0 && wait_for(c));
    return result > 0;
}

bool drive_handshake(struct connection *c)
{
    return __builtin_setjmp(c->start) == 0 && complete(c, driver_find(c->options->drive)->first);
}

bool drive_exchange(struct connection *c)
{
    const struct driver *driver = driver_find(c->options->drive);
    connection_rename(c, MOMENT_AFTER);
    if (driver->first == by_peek && !complete(c, by_read))
        return false;
    return (driver->writes || complete(c, driver->write ? driver->write : by_write)) && complete(c, by_read);
}

bool drive_renegotiation(struct connection *c)
{
    return SSL_ReHandshake(c->fd, PR_TRUE) == SECSuccess && complete(c, by_force_again) &&
           complete(c, by_write) && complete(c, by_read);
}

void drive_regardless(struct connection *c)
{
    c->seen.forced_tried = true;
    c->seen.forced[0] = by_send(c);
    (void)by_force(c);
    c->seen.forced[1] = by_write(c);
}
