#include "hooks/gnutls/without_certificate.h"

static const gnutls_credentials_type_t types[WITHHELD] = {GNUTLS_CRD_PSK, GNUTLS_CRD_ANON, GNUTLS_CRD_SRP};

void without_certificate_withhold(struct session_record *record, gnutls_session_t session)
{
    const struct libgnutls_api *api = &record->lib->api;
    for (size_t i = 0; i < WITHHELD; i++)
        if (!record->withheld[i] && api->gnutls_credentials_get(session, types[i], &record->withheld[i]) == 0)
            (void)api->gnutls_credentials_set(session, types[i], NULL); /* the entry is there: no failure */
}

bool without_certificate_give_back(struct session_record *record, gnutls_session_t session)
{
    bool any = false;
    for (size_t i = 0; i < WITHHELD; i++)
        if (record->withheld[i]) {
            (void)record->lib->api.gnutls_credentials_set(session, types[i], record->withheld[i]);
            record->withheld[i] = NULL;
            any = true;
        }
    return any;
}
