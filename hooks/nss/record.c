#include "hooks/nss/record.h"

#include "hooks/nss/methods.h"
#include "hooks/nss/verify.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool copy_psk(struct nss_record *record, const struct nss_record *model)
{
    if (!model->psk)
        return true;
    record->psk = calloc(1, model->psk_length);
    if (!record->psk)
        return false;
    memcpy(record->psk, model->psk, model->psk_length);
    record->psk_length = model->psk_length;
    return true;
}

struct nss_record *nss_record_new(struct nss *lib, const struct nss_record *model)
{
    struct nss_record *record = calloc(1, sizeof *record);
    if (!record)
        return NULL;
    record->lib = lib;
    if (!model)
        return record;
    record->program_verify = model->program_verify;
    record->program_verify_argument = model->program_verify_argument;
    record->program_override = model->program_override;
    record->program_override_argument = model->program_override_argument;
    if (copy_psk(record, model))
        return record;
    nss_record_free(record);
    return NULL;
}

void nss_record_free(struct nss_record *record)
{
    nss_verification_free(record);
    connection_clear(&record->connection);
    free(record->psk);
    free(record);
}

void nss_record_register(struct nss_record *record, PRFileDesc *fd)
{
    const struct nss_api *api = &record->lib->api;
    (void)api->SSL_AuthCertificateHook(fd, nss_verify_server, record);
    if (record->program_override)
        (void)api->SSL_BadCertHook(fd, nss_verify_override, record);
}

/* Of a socket that was freed unseen, and whose address has come back. */
static void forget_stale(const void *object)
{
    struct nss_record *stale = (struct nss_record *)registry_find(object);
    if (!stale)
        return;
    registry_remove(&stale->node);
    nss_record_free(stale);
}

void nss_record_attach(struct nss_record *record, PRFileDesc *fd)
{
    PRFileDesc *layer = record->lib->api.PR_GetIdentitiesLayer(fd, PR_TOP_IO_LAYER);
    forget_stale(layer->secret);
    nss_methods_learn(record->lib, layer);
    record->node.object = layer->secret;
    registry_insert(&record->node);
    nss_record_register(record, fd);
    nss_methods_watch(record->lib, layer);
}

void nss_record_reconfigure(struct nss_record *record, const struct nss_record *model, PRFileDesc *fd)
{
    record->program_verify = model->program_verify;
    if (model->program_verify_argument)
        record->program_verify_argument = model->program_verify_argument;
    if (model->program_override)
        record->program_override = model->program_override;
    if (model->program_override_argument)
        record->program_override_argument = model->program_override_argument;
    nss_record_register(record, fd);
}

PRFileDesc *nss_layer(const struct nss *lib, PRFileDesc *fd)
{
    /* As PR_GetIdentitiesLayer does it. */
    const PRDescIdentity identity = atomic_load(&lib->identity);
    for (PRFileDesc *layer = fd; layer; layer = layer->lower)
        if (layer->identity == identity)
            return layer;
    for (PRFileDesc *layer = fd; layer; layer = layer->higher)
        if (layer->identity == identity)
            return layer;
    return NULL;
}

struct nss_record *nss_record_of_layer(const PRFileDesc *layer)
{
    return (struct nss_record *)registry_find(layer->secret);
}

struct nss_record *nss_record_find(PRFileDesc *fd)
{
    for (const struct nss *lib = nss_newest(); fd && lib; lib = nss_before(lib)) {
        const PRFileDesc *layer = atomic_load(&lib->own_methods) ? nss_layer(lib, fd) : NULL;
        struct nss_record *record = layer ? nss_record_of_layer(layer) : NULL;
        if (record && record->lib == lib)
            return record;
    }
    return NULL;
}

void nss_record_set_stage(struct nss_record *record, PRFileDesc *fd, enum stage stage)
{
    PRFileDesc *layer = nss_layer(record->lib, fd);
    atomic_store(&record->stage, stage);
    if (!layer)
        return;
    if (stage == STAGE_OPEN)
        nss_methods_leave(record->lib, layer);
    else
        nss_methods_watch(record->lib, layer);
}

struct nss_error nss_error_save(const struct nss *lib)
{
    return (struct nss_error){lib->api.PR_GetError(), lib->api.PR_GetOSError(), errno};
}

void nss_error_restore(const struct nss *lib, const struct nss_error *error)
{
    /* PR_SetError drops the error's text, too: not where nothing has changed. */
    if (lib->api.PR_GetError() != error->code || lib->api.PR_GetOSError() != error->os)
        lib->api.PR_SetError(error->code, error->os);
    errno = error->saved_errno;
}
