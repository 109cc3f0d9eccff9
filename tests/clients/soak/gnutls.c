#include "tests/clients/soak/soak.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static gnutls_certificate_credentials_t credentials;

static void start(const char *ca)
{
    if (gnutls_certificate_allocate_credentials(&credentials) < 0 ||
        gnutls_certificate_set_x509_trust_file(credentials, ca, GNUTLS_X509_FMT_PEM) <= 0)
        exit(2);
}

static bool connect_by_gnutls(int port, const char *host, char *why, size_t size)
{
    char reply[64];
    gnutls_session_t session;
    const int fd = soak_dial(port);
    if (gnutls_init(&session, GNUTLS_CLIENT) < 0 || gnutls_set_default_priority(session) < 0)
        exit(2);
    (void)gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, credentials);
    (void)gnutls_server_name_set(session, GNUTLS_NAME_DNS, host, strlen(host));
    gnutls_session_set_verify_cert(session, host, 0);
    gnutls_transport_set_int(session, fd);
    gnutls_handshake_set_timeout(session, WAIT_SECONDS * 1000);
    int result;
    do
        result = gnutls_handshake(session);
    while (result < 0 && !gnutls_error_is_fatal(result));
    snprintf(why, size, "%s", gnutls_strerror(result));
    bool ok = gnutls_record_send(session, SECRET, sizeof SECRET - 1) > 0 && result == GNUTLS_E_SUCCESS;
    if (ok)
        do
            result = (int)gnutls_record_recv(session, reply, sizeof reply);
        while (result == GNUTLS_E_AGAIN || result == GNUTLS_E_INTERRUPTED);
    ok = ok && result > 0;
    if (ok)
        (void)gnutls_bye(session, GNUTLS_SHUT_WR);
    gnutls_deinit(session);
    close(fd);
    return ok;
}

const struct library by_gnutls = {"gnutls", start, connect_by_gnutls};
