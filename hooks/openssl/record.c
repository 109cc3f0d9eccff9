#include "hooks/openssl/record.h"

#include "hooks/openssl/handshake.h"
#include "hooks/openssl/transport.h"

#include <stdatomic.h>
#include <stdlib.h>

/* Called in SSL_new, SSL_dup and BIO_new_ssl. Without memory the SSL has no record, and X509_verify_cert,
 * which looks for one, judges it all the same (verify.c). */
static void ssl_born(void *parent, void *value, CRYPTO_EX_DATA *data, int index, long number, void *argument)
{
    (void)value, (void)data, (void)index, (void)number;
    struct openssl *lib = argument;
    struct ssl_record *record = atomic_load(&lib->live) ? calloc(1, sizeof *record) : NULL;
    if (!record)
        return;
    record->node.object = parent;
    record->lib = lib;
    registry_insert(&record->node);
    lib->api.SSL_set_info_callback(parent, handshake_info);
}

static void ssl_freed(void *parent, void *value, CRYPTO_EX_DATA *data, int index, long number, void *argument)
{
    (void)value, (void)data, (void)index, (void)number;
    struct ssl_record *record = ssl_record_find(parent);
    if (!record || record->lib != argument)
        return;
    registry_remove(&record->node);
    transport_release(record);
    connection_clear(&record->connection);
    free(record);
}

static void ctx_born(void *parent, void *value, CRYPTO_EX_DATA *data, int index, long number, void *argument)
{
    (void)value, (void)data, (void)index, (void)number;
    struct openssl *lib = argument;
    struct ctx_record *record = atomic_load(&lib->live) ? calloc(1, sizeof *record) : NULL;
    if (!record)
        return;
    record->node.object = parent;
    record->lib = lib;
    registry_insert(&record->node);
}

static void ctx_freed(void *parent, void *value, CRYPTO_EX_DATA *data, int index, long number, void *argument)
{
    (void)value, (void)data, (void)index, (void)number;
    struct ctx_record *record = ctx_record_find(parent);
    if (!record || record->lib != argument)
        return;
    registry_remove(&record->node);
    for (struct program_verification *v = record->verifications, *next; v; v = next) {
        next = v->next;
        free(v);
    }
    free(record);
}

bool records_register(struct openssl *lib)
{
    const struct openssl_api *api = &lib->api;
    const int ssl = api->CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, lib, ssl_born, NULL, ssl_freed);
    const int ctx = api->CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, lib, ctx_born, NULL, ctx_freed);
    lib->session_index = api->CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_SESSION, 0, lib, NULL, NULL, NULL);
    return ssl >= 0 && ctx >= 0 && lib->session_index >= 0;
}

struct ssl_record *ssl_record_find(const SSL *ssl)
{
    return (struct ssl_record *)registry_find(ssl);
}

struct ctx_record *ctx_record_find(const SSL_CTX *ctx)
{
    return (struct ctx_record *)registry_find(ctx);
}
