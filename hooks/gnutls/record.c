#include "hooks/gnutls/record.h"

#include "hooks/gnutls/path.h"
#include "hooks/gnutls/resumption.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct session_record *session_record_find(gnutls_session_t session)
{
    return session ? (struct session_record *)registry_find(session) : NULL;
}

struct session_record *session_record_new(struct libgnutls *lib)
{
    struct session_record *record = calloc(1, sizeof *record);
    if (record)
        record->lib = lib;
    return record;
}

void session_record_bind(struct session_record *record, gnutls_session_t session)
{
    record->node.object = session;
    registry_insert(&record->node);
}

void session_record_set_sni(struct session_record *record, const char *name)
{
    const size_t size = name ? strlen(name) + 1 : 0;
    if (record->sni != record->own_sni)
        free(record->sni);
    record->sni = !name ? NULL : size <= sizeof record->own_sni ? record->own_sni : calloc(1, size);
    if (record->sni)
        memcpy(record->sni, name, size);
    record->lost |= name && !record->sni;
}

void session_record_free(struct session_record *record)
{
    if (!record)
        return;
    if (record->node.object)
        registry_remove(&record->node);
    connection_clear(&record->connection);
    program_path_free(record);
    resumption_forget(record);
    session_record_set_sni(record, NULL);
    free(record->asked);
    free(record);
}

/* By the one question that a client is not answered. */
static bool is_server(const struct libgnutls *lib, gnutls_session_t session)
{
    char name[1];
    size_t size = 0;
    unsigned type;
    return lib->api.gnutls_server_name_get(session, name, &size, &type, 0) != GNUTLS_E_INVALID_REQUEST;
}

struct session_record *session_record_late(gnutls_session_t session, any_function *original,
                                           enum meeting *meeting)
{
    struct libgnutls *lib;
    *meeting = session ? libgnutls_meet(original, &lib) : MEET_OTHER;
    if (*meeting != MEET_KNOWN)
        return NULL;
    struct session_record *record = session_record_new(lib);
    if (!record) {
        *meeting = MEET_NO_MEMORY;
        return NULL;
    }
    record->server = is_server(lib, session);
    record->unknown_verify = true; /* for what we know */
    session_record_bind(record, session);
    return record;
}

/* Of a gnutls_certificate_credentials_t, which threads may share. */
struct credentials_record {
    struct registry_node node; /* object: the credentials */
    _Atomic(gnutls_certificate_verify_function *) verify;
};

static atomic_bool unknown_credentials;

bool credentials_are_known(void)
{
    return !atomic_load(&unknown_credentials);
}

static struct credentials_record *credentials_find(const void *credentials)
{
    return credentials ? (struct credentials_record *)registry_find(credentials) : NULL;
}

void credentials_note_verify(const void *credentials, gnutls_certificate_verify_function *function)
{
    struct credentials_record *record = credentials_find(credentials);
    if (record || !function) {
        if (record)
            atomic_store(&record->verify, function);
        return;
    }
    record = calloc(1, sizeof *record);
    if (!record) {
        atomic_store(&unknown_credentials, true);
        return;
    }
    record->node.object = credentials;
    atomic_store(&record->verify, function);
    registry_insert(&record->node);
}

gnutls_certificate_verify_function *credentials_verify(const void *credentials)
{
    struct credentials_record *record = credentials_find(credentials);
    return record ? atomic_load(&record->verify) : NULL;
}

void credentials_forget(const void *credentials)
{
    struct credentials_record *record = credentials_find(credentials);
    if (record)
        registry_remove(&record->node);
    free(record);
}
