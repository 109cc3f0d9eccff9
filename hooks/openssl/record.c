#include "hooks/openssl/record.h"

#include "hooks/openssl/handshake.h"
#include "hooks/openssl/transport.h"

#include <stdlib.h>

/* An SSL that wasn't seen at its birth may have a callback of the program's already. */
static void watch(struct ssl_record *record, SSL *ssl)
{
    info_function *program = record->lib->api.SSL_get_info_callback(ssl);
    if (program == handshake_info)
        return;
    record->program_info = program;
    record->lib->api.SSL_set_info_callback(ssl, handshake_info);
}

static struct ssl_record *ssl_record_new(struct openssl *lib, const SSL *ssl)
{
    struct ssl_record *record = calloc(1, sizeof *record);
    if (!record)
        return NULL;
    record->node.object = ssl;
    record->lib = lib;
    registry_insert(&record->node);
    watch(record, (SSL *)ssl);
    return record;
}

static void ssl_freed(struct ssl_record *record)
{
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

static void ctx_freed(struct ctx_record *record)
{
    registry_remove(&record->node);
    for (struct program_verification *v = record->verifications, *next; v; v = next) {
        next = v->next;
        free(v);
    }
    free(record);
}

/* Where memory is out, the first who looks for the record tries again (ssl_record_of). */
void record_born(struct openssl *lib, int class_index, void *object)
{
    if (class_index == CRYPTO_EX_INDEX_SSL) {
        if (!ssl_record_new(lib, object))
            lib->api.SSL_set_info_callback(object, handshake_info);
    } else {
        (void)ctx_record_new(lib, object);
    }
}

void record_freed(int class_index, const void *object)
{
    struct registry_node *node = registry_find(object);
    if (node && class_index == CRYPTO_EX_INDEX_SSL)
        ssl_freed((struct ssl_record *)node);
    else if (node)
        ctx_freed((struct ctx_record *)node);
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
