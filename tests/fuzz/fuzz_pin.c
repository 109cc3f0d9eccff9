/* Pins as text: one spelling of the base64 alone, as another decoder reads it. */
#include "bundle/key.h"
#include "config/pin.h"
#include "tests/fuzz/require.h"

#include <openssl/evp.h>

static void require_decoded(const char *base64, const uint8_t bytes[PIN_SIZE])
{
    uint8_t block[PIN_SIZE + 1];
    require(EVP_DecodeBlock(block, (const uint8_t *)base64, PIN_BASE64_LENGTH) == PIN_SIZE + 1);
    require(memcmp(block, bytes, PIN_SIZE) == 0);
}

static void read_pin(const char *text)
{
    struct pin pin, again;
    char spelt[PIN_TEXT_SIZE];
    if (!pin_parse(text, &pin))
        return;
    pin_format(&pin, spelt);
    require(strlen(spelt) == PIN_TEXT_SIZE - 1);
    require(pin_parse(spelt, &again) && pin_equal(&pin, &again));
    const char *base64 = spelt + strlen("sha256//");
    require(strstr(text, base64) != NULL); /* canonical: there is no other */
    require_decoded(base64, pin.sha256);
}

static void read_key(const char *text, size_t size)
{
    struct bundle_key key;
    char spelt[BUNDLE_KEY_LENGTH + 1];
    if (!bundle_key_read(text, size, &key))
        return;
    bundle_key_format(&key, spelt);
    require(size == BUNDLE_KEY_LENGTH && memcmp(spelt, text, size) == 0);
    require_decoded(text + strlen(BUNDLE_KEY_PREFIX), key.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = exact_text(data, size);
    read_pin(text);
    read_key(text, size);
    free(text);
    return 0;
}
