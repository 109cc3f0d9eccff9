#include "tests/clients/gnutls/kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a handshake rests on: certificates, a secret, or nothing. */

static void require(int result, const char *what)
{
    if (result >= 0)
        return;
    fprintf(stderr, "gnutls: %s: %s\n", what, gnutls_strerror(result));
    exit(2);
}

const char *secrets_priority(const struct options *options)
{
    static _Thread_local char priority[512];
    static const char *const versions[] = {"-VERS-ALL:+VERS-TLS1.2", "-VERS-ALL:+VERS-TLS1.3",
                                           "-VERS-ALL:+VERS-DTLS1.2"};
    if (options->priority)
        return options->priority;
    snprintf(priority, sizeof priority, "NORMAL:%s%s%s%s%s:%%UNSAFE_RENEGOTIATION", versions[options->tls],
             options->psk ? ":+DHE-PSK:+ECDHE-PSK:+PSK" : "",
             options->anonymous ? ":+ANON-ECDH:+ANON-DH" : "", options->srp ? ":+SRP" : "",
             options->raw_keys ? ":+CTYPE-ALL" : "");
    return priority;
}

static void set_psk(struct connection *connection)
{
    const char *hexadecimal = connection->options->psk;
    const gnutls_datum_t key = {(unsigned char *)hexadecimal, (unsigned)strlen(hexadecimal)};
    require(gnutls_psk_allocate_client_credentials(&connection->psk), "psk");
    require(gnutls_psk_set_client_credentials(connection->psk, "kit", &key, GNUTLS_PSK_KEY_HEX), "psk");
    require(gnutls_credentials_set(connection->session, GNUTLS_CRD_PSK, connection->psk), "psk");
}

static void set_certificates(struct connection *connection)
{
    const char *ca = connection->options->ca;
    require(gnutls_certificate_allocate_credentials(&connection->credentials), "credentials");
    if (ca)
        require(gnutls_certificate_set_x509_trust_file(connection->credentials, ca, GNUTLS_X509_FMT_PEM), ca);
    require(gnutls_credentials_set(connection->session, GNUTLS_CRD_CERTIFICATE, connection->credentials),
            "credentials");
}

void secrets_set(struct connection *connection)
{
    const struct options *options = connection->options;
    if (!options->no_credentials)
        set_certificates(connection);
    if (options->psk)
        set_psk(connection);
    if (options->anonymous) {
        require(gnutls_anon_allocate_client_credentials(&connection->anonymous), "anonymous");
        require(gnutls_credentials_set(connection->session, GNUTLS_CRD_ANON, connection->anonymous),
                "anonymous");
    }
    if (options->srp) {
        require(gnutls_srp_allocate_client_credentials(&connection->srp), "srp");
        require(gnutls_srp_set_client_credentials(connection->srp, "kit", options->srp), "srp");
        require(gnutls_credentials_set(connection->session, GNUTLS_CRD_SRP, connection->srp), "srp");
    }
}

void secrets_free(struct connection *connection)
{
    if (connection->credentials)
        gnutls_certificate_free_credentials(connection->credentials);
    if (connection->psk)
        gnutls_psk_free_client_credentials(connection->psk);
    if (connection->anonymous)
        gnutls_anon_free_client_credentials(connection->anonymous);
    if (connection->srp)
        gnutls_srp_free_client_credentials(connection->srp);
}
