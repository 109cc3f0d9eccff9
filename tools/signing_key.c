#include "tools/signing_key.h"

#include "bundle/envelope.h"
#include "tools/report.h"

#include <openssl/err.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <string.h>

static EVP_PKEY *key_in(OSSL_STORE_INFO *info, bool private)
{
    if (OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PKEY)
        return OSSL_STORE_INFO_get1_PKEY(info);
    return !private && OSSL_STORE_INFO_get_type(info) == OSSL_STORE_INFO_PUBKEY
               ? OSSL_STORE_INFO_get1_PUBKEY(info)
               : NULL;
}

static EVP_PKEY *load(const char *path, bool private)
{
    EVP_PKEY *key = NULL;
    OSSL_STORE_CTX *store = OSSL_STORE_open(path, UI_OpenSSL(), NULL, NULL, NULL);
    while (store && !key && !OSSL_STORE_eof(store) && !OSSL_STORE_error(store)) {
        OSSL_STORE_INFO *info = OSSL_STORE_load(store);
        if (info)
            key = key_in(info, private);
        OSSL_STORE_INFO_free(info);
    }
    if (store)
        OSSL_STORE_close(store);
    ERR_clear_error();
    return key;
}

EVP_PKEY *signing_key_open(const char *path)
{
    EVP_PKEY *key = load(path, true);
    if (!key)
        report_error("%s: there is no private key that can be read", path);
    return key;
}

bool signing_key_public(const char *text, struct bundle_key *key)
{
    if (bundle_key_read(text, strlen(text), key))
        return true;
    if (strncmp(text, BUNDLE_KEY_PREFIX, sizeof BUNDLE_KEY_PREFIX - 1) == 0) {
        report_error("%s: no public key: expected ed25519//BASE64", text);
        return false;
    }
    EVP_PKEY *pkey = load(text, false);
    const bool found = pkey && envelope_key_of(pkey, key);
    if (!found)
        report_error("%s: there is no key of Ed25519 that can be read", text);
    EVP_PKEY_free(pkey);
    return found;
}
