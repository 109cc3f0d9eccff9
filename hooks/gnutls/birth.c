/* Where sessions begin and end: what a program calls before and after all others. */
#include "hooks/gnutls/record.h"

#define ORIGINAL(name) ((__typeof__(&(name)))platform_original(__builtin_return_address(0), #name))

int gnutls_init(gnutls_session_t *session, unsigned flags)
{
    __typeof__(&gnutls_init) original = ORIGINAL(gnutls_init);
    struct libgnutls *lib;
    switch (libgnutls_meet((any_function *)original, &lib)) {
    case MEET_OTHER:
        return original ? original(session, flags) : GNUTLS_E_UNIMPLEMENTED_FEATURE;
    case MEET_NO_MEMORY: /* so is the program's: a session that nobody watches would be the worse */
        return GNUTLS_E_MEMORY_ERROR;
    case MEET_KNOWN:
        break;
    }
    struct session_record *record = session_record_new(lib);
    if (!record)
        return GNUTLS_E_MEMORY_ERROR;
    const int result = lib->api.gnutls_init(session, flags);
    if (result < 0) {
        session_record_free(record);
        return result;
    }
    record->server = flags & GNUTLS_SERVER;
    session_record_free(session_record_find(*session)); /* of one whose end went unseen */
    session_record_bind(record, *session);
    return result;
}

void gnutls_deinit(gnutls_session_t session)
{
    struct session_record *record = session_record_find(session);
    __typeof__(&gnutls_deinit) original = record    ? record->lib->api.gnutls_deinit
                                          : session ? ORIGINAL(gnutls_deinit)
                                                    : NULL;
    session_record_free(record); /* first: the next session may get the same address at once */
    if (original)
        original(session);
}

void gnutls_certificate_free_credentials(gnutls_certificate_credentials_t credentials)
{
    __typeof__(&gnutls_certificate_free_credentials) original =
        credentials ? ORIGINAL(gnutls_certificate_free_credentials) : NULL;
    credentials_forget(credentials);
    if (original)
        original(credentials);
}
