#include "tests/clients/nss/nss.h"

#include <secerr.h>
#include <string.h>

/* How a program verifies its peer. Its functions find their connection here: a model's outlives no socket. */

static _Thread_local struct connection *current;

static const char *name_of(const struct connection *connection)
{
    const struct options *options = connection->options;
    return connection->number > 1 && options->then_verify_name ? options->then_verify_name
                                                               : options->verify_name;
}

/* The program's own: the library's functions, with a name of its own. */
static SECStatus by_name(PRFileDesc *fd)
{
    CERTCertificate *leaf = SSL_PeerCertificate(fd);
    const char *name = name_of(current);
    SECStatus result = CERT_VerifyCertNow(CERT_GetDefaultCertDB(), leaf, PR_TRUE, certUsageSSLServer, NULL);
    if (result == SECSuccess && name)
        result = CERT_VerifyCertName(leaf, name);
    CERT_DestroyCertificate(leaf);
    return result;
}

static SECStatus fail(void)
{
    PR_SetError(SEC_ERROR_UNKNOWN_ISSUER, 0);
    return SECFailure;
}

static void *conclude_in_thread(void *argument)
{
    const struct connection *connection = argument;
    (void)SSL_AuthCertificateComplete(connection->fd, 0);
    return NULL;
}

/* The verdict comes when the handshake has been left, from here or from another thread. */
static SECStatus later(void)
{
    current->pending = true;
    return SECWouldBlock;
}

static SECStatus jump_first(PRFileDesc *fd)
{
    if (current->number == 1)
        __builtin_longjmp(current->start, 1);
    return by_name(fd);
}

static SECStatus verify(void *argument, PRFileDesc *fd, PRBool check_signature, PRBool is_server)
{
    const char *way = argument;
    current->seen.verified++;
    if (strcmp(way, "calls-library") == 0)
        return SSL_AuthCertificate(CERT_GetDefaultCertDB(), fd, check_signature, is_server);
    if (strcmp(way, "names") == 0)
        return by_name(fd);
    if (strcmp(way, "jumps") == 0)
        return jump_first(fd);
    if (strcmp(way, "none") == 0)
        return SECSuccess;
    if (strcmp(way, "later") == 0 || strcmp(way, "thread") == 0)
        return later();
    if (strcmp(way, "later-names") == 0) {
        const SECStatus result = by_name(fd);
        return result == SECSuccess ? later() : result;
    }
    return fail(); /* own-override, override-later */
}

static SECStatus override(void *argument, PRFileDesc *fd)
{
    const char *way = argument;
    (void)fd;
    current->seen.overridden++;
    return strcmp(way, "override-later") == 0 ? later() : SECSuccess;
}

void verification_set(struct connection *connection, PRFileDesc *fd)
{
    const char *way = connection->options->verify;
    current = connection;
    if (strcmp(way, "library") != 0 && strcmp(way, "override") != 0)
        (void)SSL_AuthCertificateHook(fd, verify, (void *)way);
    if (strstr(way, "override"))
        (void)SSL_BadCertHook(fd, override, (void *)way);
}

bool verification_conclude(struct connection *connection)
{
    if (!connection->pending)
        return false;
    connection->pending = false;
    if (strcmp(connection->options->verify, "thread") != 0)
        return SSL_AuthCertificateComplete(connection->fd, 0) == SECSuccess;
    return pthread_create(&connection->verdict, NULL, conclude_in_thread, connection) == 0 &&
           pthread_join(connection->verdict, NULL) == 0;
}
