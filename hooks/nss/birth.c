/* The calls by which a descriptor becomes a TLS socket. */
#include "hooks/nss/record.h"

typedef PRFileDesc *import_function(PRFileDesc *model, PRFileDesc *fd);

#define ORIGINAL(name) ((import_function *)platform_original(__builtin_return_address(0), #name))

/* Where memory is out, so it is for the program's socket: one that nobody watches would be the worse. */
static PRFileDesc *import(import_function *original, PRFileDesc *model, PRFileDesc *fd)
{
    struct nss *lib = NULL;
    switch (original ? nss_meet(__extension__(void *) original, &lib) : MEET_NO_MEMORY) {
    case MEET_NO_MEMORY:
        return NULL;
    case MEET_OTHER:
        return original(model, fd);
    case MEET_KNOWN:
        break;
    }
    struct nss_record *record = nss_record_new(lib, nss_record_find(model));
    if (!record) {
        lib->api.PR_SetError(PR_OUT_OF_MEMORY_ERROR, 0);
        return NULL;
    }
    PRFileDesc *imported = original(model, fd);
    if (imported)
        nss_record_attach(record, imported);
    else
        nss_record_free(record);
    return imported;
}

PRFileDesc *SSL_ImportFD(PRFileDesc *model, PRFileDesc *fd)
{
    return import(ORIGINAL(SSL_ImportFD), model, fd);
}

PRFileDesc *DTLS_ImportFD(PRFileDesc *model, PRFileDesc *fd)
{
    return import(ORIGINAL(DTLS_ImportFD), model, fd);
}

/* The library copies the hooks of `model`: ours, with the record of the model's socket. */
PRFileDesc *SSL_ReconfigFD(PRFileDesc *model, PRFileDesc *fd)
{
    struct nss_record *record = nss_record_find(fd);
    const struct nss_record *of_model = nss_record_find(model);
    import_function *original = record ? record->lib->api.SSL_ReconfigFD : ORIGINAL(SSL_ReconfigFD);
    PRFileDesc *configured = original ? original(model, fd) : NULL;
    if (!record || !of_model)
        return configured;
    if (configured)
        nss_record_reconfigure(record, of_model, fd);
    else
        nss_record_register(record, fd); /* it may have copied them before it failed */
    if (record->connection.pinned)       /* its options are the model's, too */
        (void)record->lib->api.SSL_OptionSet(fd, SSL_NO_CACHE, PR_TRUE);
    return configured;
}
