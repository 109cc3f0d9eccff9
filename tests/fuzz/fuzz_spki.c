/* Where a certificate's key is: never outside its bytes, and in a certificate that OpenSSL reads, too, no
 * other than OpenSSL's. */
#include "config/spki.h"
#include "tests/fuzz/require.h"

#include <openssl/err.h>
#include <openssl/x509.h>

/* OpenSSL takes some BER inside; as it writes both, they are comparable. */
static void require_same_key(X509 *certificate, const uint8_t *spki, size_t length)
{
    uint8_t *ours = NULL, *theirs = NULL;
    const uint8_t *end = spki;
    X509_PUBKEY *key = d2i_X509_PUBKEY(NULL, &end, (long)length);
    require(key && end == spki + length);
    const int size = i2d_X509_PUBKEY(key, &ours);
    require(size > 0 && i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &theirs) == size);
    require(memcmp(ours, theirs, (size_t)size) == 0);
    OPENSSL_free(ours);
    OPENSSL_free(theirs);
    X509_PUBKEY_free(key);
}

static void read_exactly(const uint8_t *der, size_t size)
{
    const uint8_t *spki, *end = der;
    size_t length;
    if (!spki_find(der, size, &spki, &length))
        return;
    require(spki > der && length >= 2 && length <= size && spki + length <= der + size);
    X509 *certificate = d2i_X509(NULL, &end, (long)size);
    if (certificate && end == der + size)
        require_same_key(certificate, spki, length);
    X509_free(certificate);
    ERR_clear_error();
}

/* Of the size that they have: a byte behind them is an error. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *der = malloc(size ? size : 1);
    require(der != NULL);
    memcpy(der, data, size);
    read_exactly(der, size);
    free(der);
    return 0;
}
