#include "tests/clients/kit/kit.h"

#include <arpa/inet.h>

static void verify_for(SSL *ssl, const char *name)
{
    struct in6_addr address;
    if (inet_pton(AF_INET, name, &address) == 1 || inet_pton(AF_INET6, name, &address) == 1)
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name);
    else
        SSL_set1_host(ssl, name);
}

void names_set(struct connection *connection)
{
    const struct options *options = connection->options;
    const bool then = connection->number > 1;
    const char *sni = then && options->then_sni ? options->then_sni : options->sni;
    const char *name = then && options->then_verify_name ? options->then_verify_name : options->verify_name;
    if (sni)
        SSL_set_tlsext_host_name(connection->ssl, sni);
    if (name)
        verify_for(connection->ssl, name);
}

void name_change(struct connection *connection)
{
    if (connection->options->rename)
        verify_for(connection->ssl, connection->options->rename);
}
