#include "bundle/key.h"

#include "config/pin.h"

#include <openssl/evp.h>
#include <string.h>

bool bundle_key_read(const char *text, size_t length, struct bundle_key *key)
{
    const size_t prefix = sizeof BUNDLE_KEY_PREFIX - 1;
    return length == BUNDLE_KEY_LENGTH && memcmp(text, BUNDLE_KEY_PREFIX, prefix) == 0 &&
           pin_decode(text + prefix, key->bytes);
}

void bundle_key_format(const struct bundle_key *key, char text[BUNDLE_KEY_LENGTH + 1])
{
    const size_t prefix = sizeof BUNDLE_KEY_PREFIX - 1;
    memcpy(text, BUNDLE_KEY_PREFIX, prefix);
    (void)EVP_EncodeBlock((unsigned char *)text + prefix, key->bytes, BUNDLE_KEY_SIZE);
}

bool bundle_key_equal(const struct bundle_key *a, const struct bundle_key *b)
{
    return memcmp(a->bytes, b->bytes, BUNDLE_KEY_SIZE) == 0;
}
