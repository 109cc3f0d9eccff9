#include "hooks/openssl/record.h"

#include "hooks/openssl/handshake.h"

#include <stdatomic.h>
#include <stdlib.h>

static const char ssl_kind, ctx_kind; /* their addresses are the kinds */

/* Called in SSL_new, SSL_dup and BIO_new_ssl. Without memory the SSL has no record, and X509_verify_cert,
 * which looks for one, refuses (verify.c). */
static void ssl_born(void *parent, void *unused, CRYPTO_EX_DATA *data, int index, long number, void *argument)
{
    (void)unused, (void)number;
    struct openssl *lib = argument;
    struct ssl_record *record = atomic_load(&lib->live) ? calloc(1, sizeof *record) : NULL;
    if (!record)
        return;
    record->node.object = parent;
    record->node.kind = &ssl_kind;
    record->lib = lib;
    if (!lib->api.CRYPTO_set_ex_data(data, index, record)) {
        free(record);
        return;
    }
    registry_insert(&record->node);
    lib->api.SSL_set_info_callback(parent, handshake_info);
}

static void ssl_freed(void *parent, void *value, CRYPTO_EX_DATA *data, int index, long number, void *argument)
{
    (void)parent, (void)data, (void)index, (void)number, (void)argument;
    struct ssl_record *record = value;
    if (!record)
        return;
    registry_remove(&record->node);
    connection_clear(&record->connection);
    free(record);
}

/* SSL_dup: the new SSL keeps the record it was born with, and takes over the program's callback. */
static int ssl_copied(CRYPTO_EX_DATA *to, const CRYPTO_EX_DATA *from, void **from_value, int index,
                      long number, void *argument)
{
    (void)from, (void)number;
    const struct openssl *lib = argument;
    const struct ssl_record *old = *from_value;
    struct ssl_record *new = lib->api.CRYPTO_get_ex_data(to, index);
    if (old && new)
        new->program_info = old->program_info;
    *from_value = new;
    return 1;
}

static void ctx_born(void *parent, void *unused, CRYPTO_EX_DATA *data, int index, long number, void *argument)
{
    (void)unused, (void)number;
    struct openssl *lib = argument;
    struct ctx_record *record = atomic_load(&lib->live) ? calloc(1, sizeof *record) : NULL;
    if (!record)
        return;
    record->node.object = parent;
    record->node.kind = &ctx_kind;
    record->lib = lib;
    if (!lib->api.CRYPTO_set_ex_data(data, index, record)) {
        free(record);
        return;
    }
    registry_insert(&record->node);
}

static void ctx_freed(void *parent, void *value, CRYPTO_EX_DATA *data, int index, long number, void *argument)
{
    (void)parent, (void)data, (void)index, (void)number, (void)argument;
    struct ctx_record *record = value;
    if (!record)
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
    lib->ssl_index =
        api->CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, lib, ssl_born, ssl_copied, ssl_freed);
    lib->ctx_index = api->CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, lib, ctx_born, NULL, ctx_freed);
    lib->session_index = api->CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_SESSION, 0, lib, NULL, NULL, NULL);
    return lib->ssl_index >= 0 && lib->ctx_index >= 0 && lib->session_index >= 0;
}

struct ssl_record *ssl_record_of(const struct openssl *lib, const SSL *ssl)
{
    return lib->api.SSL_get_ex_data(ssl, lib->ssl_index);
}

struct ssl_record *ssl_record_find(const SSL *ssl)
{
    return ssl ? (struct ssl_record *)registry_find(ssl, &ssl_kind) : NULL;
}

struct ctx_record *ctx_record_find(const SSL_CTX *ctx)
{
    return ctx ? (struct ctx_record *)registry_find(ctx, &ctx_kind) : NULL;
}
