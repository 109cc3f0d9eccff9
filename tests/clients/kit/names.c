#include "tests/clients/kit/kit.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

static void verify_for(X509_VERIFY_PARAM *param, const char *name)
{
    struct in6_addr address;
    if (inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1)
        X509_VERIFY_PARAM_set1_ip_asc(param, name);
    else
        X509_VERIFY_PARAM_set1_host(param, name, 0);
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
        verify_for(SSL_get0_param(connection->ssl), name);
}

void names_set_first(struct connection *connection)
{
    if (connection->options->first_name)
        SSL_set_tlsext_host_name(connection->ssl, connection->options->first_name);
}

void names_set_in_store(const struct options *options, SSL_CTX *ctx)
{
    if (options->place == PLACE_STORE && options->verify_name)
        verify_for(X509_STORE_get0_param(SSL_CTX_get_cert_store(ctx)), options->verify_name);
}

void names_set_in_verification(X509_STORE_CTX *ctx, const struct connection *connection)
{
    if (connection->options->place == PLACE_VERIFICATION && name_to_verify(connection))
        verify_for(X509_STORE_CTX_get0_param(ctx), name_to_verify(connection));
}

bool names_fit(const struct connection *connection)
{
    X509 *leaf = SSL_get0_peer_certificate(connection->ssl);
    const char *name = connection->options->check_after;
    return !name || (leaf && X509_check_host(leaf, name, 0, 0, NULL) == 1);
}
