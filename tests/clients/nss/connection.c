#include "tests/clients/nss/nss.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The life of one connection. */

static const char *name_of(const struct connection *connection)
{
    const struct options *options = connection->options;
    return connection->number > 1 ? options->then_sni : options->sni;
}

void connection_rename(const struct connection *connection, enum moment moment)
{
    const char *name = name_of(connection);
    if ((enum moment)connection->options->late_names == moment && name)
        (void)SSL_SetURL(connection->fd, name);
}

/* What the library leaves behind when all goes well is up to the network where it had to wait. */
static const char *name_of_error(const struct connection *connection)
{
    const struct options *options = connection->options;
    const int error = connection->seen.error;
    if (connection->seen.received > 0 && (options->nonblocking || options->threads || options->tls == 2))
        return "-";
    const char *name = error == ERROR_MARK ? "mark" : PR_ErrorToName(error);
    return name ? name : "none";
}

static void report(const struct connection *connection)
{
    static const SSLChannelInfo none;
    const struct seen *seen = &connection->seen;
    SSLChannelInfo info = none;
    (void)SSL_GetChannelInfo(connection->fd, &info, sizeof info);
    CERTCertificate *leaf = SSL_PeerCertificate(connection->fd);
    char forced[64] = "";
    if (seen->forced_tried)
        snprintf(forced, sizeof forced, " forced=%d,%d", seen->forced[0], seen->forced[1]);
    printf("connection=%d handshake=%s error=%s os_error=%d protocol=%x cipher=%x resumed=%d early=%d "
           "leaf=%d verified=%d overridden=%d sent=%ld received=%ld%s\n",
           connection->number, seen->handshake ? "ok" : "failed", name_of_error(connection),
           seen->received > 0 ? 0 : seen->os_error, info.protocolVersion, info.cipherSuite, info.resumed,
           info.earlyDataAccepted, leaf != NULL, seen->verified, seen->overridden, seen->sent, seen->received,
           forced);
    fflush(stdout);
    CERT_DestroyCertificate(leaf);
}

/* What the server has sent may stand unread: a close would then reset the connection, alert and all. */
static void leave(struct connection *connection)
{
    char bytes[4096];
    PRFileDesc *bottom = connection->fd;
    while (bottom->lower)
        bottom = bottom->lower;
    if (!connection->seen.handshake)
        (void)PR_Shutdown(bottom, PR_SHUTDOWN_SEND);
    while (!connection->seen.handshake && connection->options->tls < 2 && !connection->options->nonblocking &&
           PR_Recv(bottom, bytes, sizeof bytes, 0, PR_SecondsToInterval(WAIT_SECONDS)) > 0)
        ;
    (void)PR_Close(connection->fd);
}

static bool talk(struct connection *connection)
{
    struct seen *seen = &connection->seen;
    seen->handshake = drive_handshake(connection);
    if (!seen->handshake && connection->options->ignore_errors)
        drive_regardless(connection);
    return seen->handshake && drive_exchange(connection) &&
           (!connection->options->renegotiate || drive_renegotiation(connection));
}

bool connection_run(const struct options *options, int number)
{
    struct connection connection = {.options = options, .number = number};
    const bool then = number > 1 && options->then_secret;
    snprintf(connection.secret, SECRET_SIZE, "%s.%d\n", then ? options->then_secret : options->secret,
             number);
    connection.fd = socket_new(&connection);
    if (!connection.fd) {
        fprintf(stderr, "nss: no socket: %s\n", PR_ErrorToName(PR_GetError()));
        exit(1);
    }
    if (options->first_name)
        (void)SSL_SetURL(connection.fd, options->first_name);
    secrets_set(&connection);
    connection_rename(&connection, MOMENT_BEFORE);
    const bool ok = talk(&connection);
    report(&connection);
    if (!options->hold) /* else it stays until the process ends */
        leave(&connection);
    return ok;
}
