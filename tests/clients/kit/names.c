#include "tests/clients/kit/kit.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <string.h>

/* An address, or as many host names, with commas between them, as `length` holds. */
static void verify_for(X509_VERIFY_PARAM *param, const char *names, size_t length)
{
    struct in6_addr address;
    if (inet_pton(AF_INET, names, &address) == 1 || inet_pton(AF_INET6, names, &address) == 1) {
        X509_VERIFY_PARAM_set1_ip_asc(param, names);
        return;
    }
    X509_VERIFY_PARAM_set1_host(param, NULL, 0);
    for (const char *name = names, *end = names + length; name < end; name += strcspn(name, ",") + 1)
        X509_VERIFY_PARAM_add1_host(param, name, strcspn(name, ","));
}

/* The last of several names, with its comma; NULL: there is one. */
static const char *last_of(const char *names)
{
    return strrchr(names, ',');
}

static const char *name_to_send(const struct connection *connection)
{
    const struct options *options = connection->options;
    return connection->number % NESTED > 1 && options->then_sni ? options->then_sni : options->sni;
}

static const char *name_to_verify(const struct connection *connection)
{
    const struct options *options = connection->options;
    return connection->number % NESTED > 1 && options->then_verify_name ? options->then_verify_name
                                                                        : options->verify_name;
}

void names_set(struct connection *connection)
{
    const char *sni = name_to_send(connection), *name = name_to_verify(connection);
    if (sni)
        SSL_set_tlsext_host_name(connection->ssl, sni);
    if (name && connection->options->place == PLACE_SSL)
        verify_for(SSL_get0_param(connection->ssl), name, strlen(name));
    if (name && connection->options->place == PLACE_LAST_IN_VERIFICATION)
        verify_for(SSL_get0_param(connection->ssl), name, (size_t)(last_of(name) - name));
}

void names_set_first(struct connection *connection)
{
    if (connection->options->first_name)
        SSL_set_tlsext_host_name(connection->ssl, connection->options->first_name);
}

void names_set_in_store(const struct options *options, SSL_CTX *ctx)
{
    if (options->place == PLACE_STORE && options->verify_name)
        verify_for(X509_STORE_get0_param(SSL_CTX_get_cert_store(ctx)), options->verify_name,
                   strlen(options->verify_name));
}

void names_set_in_verification(X509_STORE_CTX *ctx, const struct connection *connection)
{
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    const char *name = name_to_verify(connection);
    if (name && connection->options->place == PLACE_VERIFICATION)
        verify_for(param, name, strlen(name));
    if (name && connection->options->place == PLACE_LAST_IN_VERIFICATION)
        X509_VERIFY_PARAM_add1_host(param, last_of(name) + 1, 0);
}

bool names_fit(const struct connection *connection)
{
    X509 *leaf = SSL_get0_peer_certificate(connection->ssl);
    const char *name = connection->options->check_after;
    return !name || (leaf && X509_check_host(leaf, name, 0, 0, NULL) == 1);
}
