#include "hooks/openssl/record.h"

#include "hooks/openssl/handshake.h"
#include "hooks/openssl/transport.h"

#include <stdatomic.h>
#include <stdlib.h>

static struct ssl_record *ssl_record_new(struct openssl *lib, const SSL *ssl)
{
    struct ssl_record *record = calloc(1, sizeof *record);
    if (!record)
        return NULL;
    record->node.object = ssl;
    record->lib = lib;
    registry_insert(&record->node);
    return record;
}

/* Called in SSL_new, SSL_dup and BIO_new_ssl. Where memory is out, the first who looks for the record tries
 * again (ssl_record_of). */
static void ssl_born(void *parent, void *value, CRYPTO_EX_DATA *data, int index, long number, void *argument)
{
    (void)value, (void)data, (void)index, (void)number;
    struct openssl *lib = argument;
    if (!openssl_is_known(lib))
        return;
    (void)ssl_record_new(lib, parent);
    lib->api.SSL_set_info_callback(parent, handshake_info);
}

static void ssl_freed(void *parent, void *value, CRYPTO_EX_DATA *data, int index, long number, void *argument)
{
    (void)value, (void)data, (void)index, (void)number;
    struct ssl_record *record = ssl_record_find(parent);
    if (!record || record->lib != argument)
        return;
    registry_remove(&record->node);
    verification_end(&record->verification.under_way);
    transport_release(record);
    connection_clear(&record->connection);
    free(record);
}

static struct ctx_record *ctx_record_new(struct openssl *lib, const SSL_CTX *ctx)
{
    struct ctx_record *record = calloc(1, sizeof *record);
    if (!record)
        return NULL;
    record->node.object = ctx;
    record->lib = lib;
    registry_insert(&record->node);
    return record;
}

static void ctx_born(void *parent, void *value, CRYPTO_EX_DATA *data, int index, long number, void *argument)
{
    (void)value, (void)data, (void)index, (void)number;
    struct openssl *lib = argument;
    if (openssl_is_known(lib))
        (void)ctx_record_new(lib, parent);
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

struct ssl_record *ssl_record_of(struct openssl *lib, const SSL *ssl, struct ssl_record *spare)
{
    struct ssl_record *record = ssl_record_find(ssl);
    if (!record)
        record = ssl_record_new(lib, ssl);
    if (record)
        return record;
    *spare = (struct ssl_record){.lib = lib};
    return spare;
}

struct ctx_record *ctx_record_of(struct openssl *lib, const SSL_CTX *ctx)
{
    struct ctx_record *record = ctx_record_find(ctx);
    return record ? record : ctx_record_new(lib, ctx);
}

void ssl_record_drop(struct ssl_record *record)
{
    if (!ssl_record_is_spare(record))
        return;
    transport_release(record);
    connection_clear(&record->connection);
}

bool ssl_record_is_spare(const struct ssl_record *record)
{
    return !record->node.object;
}
