#include "bundle/envelope.h"

#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_LINE = sizeof BUNDLE_FIRST_LINE - 1,
    SIGNATURE_TEXT = 88, /* characters of base64 of 64 bytes, two '=' at the end */
    SIGNATURE_LINE = BUNDLE_KEY_LENGTH + 1 + SIGNATURE_TEXT + 1,
};

/* Decoded and encoded again: one spelling alone is taken. */
static bool read_signature(const char *text, uint8_t signature[BUNDLE_SIGNATURE_SIZE])
{
    unsigned char decoded[SIGNATURE_TEXT / 4 * 3], encoded[SIGNATURE_TEXT + 1];
    if (EVP_DecodeBlock(decoded, (const unsigned char *)text, SIGNATURE_TEXT) != sizeof decoded)
        return false;
    (void)EVP_EncodeBlock(encoded, decoded, BUNDLE_SIGNATURE_SIZE);
    memcpy(signature, decoded, BUNDLE_SIGNATURE_SIZE);
    return memcmp(encoded, text, SIGNATURE_TEXT) == 0;
}

static bool read_line(const char *line, struct bundle_signature *signature)
{
    return bundle_key_read(line, BUNDLE_KEY_LENGTH, &signature->key) && line[BUNDLE_KEY_LENGTH] == ' ' &&
           read_signature(line + BUNDLE_KEY_LENGTH + 1, signature->bytes) && line[SIGNATURE_LINE - 1] == '\n';
}

const char *envelope_read(struct envelope *envelope, const uint8_t *bytes, size_t size)
{
    *envelope = (struct envelope){0};
    if (size > BUNDLE_SIZE_LIMIT)
        return "is larger than 16 MB";
    if (size < FIRST_LINE || memcmp(bytes, BUNDLE_FIRST_LINE, FIRST_LINE) != 0)
        return "is no bundle: its first line isn't \"pinshim-bundle 1\"";
    size_t at = FIRST_LINE;
    while (at < size && bytes[at] != '\n') {
        if (envelope->signature_count == BUNDLE_SIGNATURES)
            return "has more than 16 signatures";
        if (size - at < SIGNATURE_LINE ||
            !read_line((const char *)bytes + at, &envelope->signatures[envelope->signature_count]))
            return "has a line among its signatures that is none";
        envelope->signature_count++;
        at += SIGNATURE_LINE;
    }
    if (envelope->signature_count == 0)
        return "isn't signed";
    if (size - at < 2)
        return "ends before its payload";
    envelope->payload = bytes + at + 1;
    envelope->payload_size = size - at - 1;
    return NULL;
}

/* Ed25519 takes its text in one piece: it goes over it twice. The caller's to free; NULL: no memory. */
static uint8_t *signed_text(const struct envelope *envelope, size_t *size)
{
    uint8_t *text = malloc(FIRST_LINE + envelope->payload_size);
    if (!text)
        return NULL;
    memcpy(text, BUNDLE_FIRST_LINE, FIRST_LINE);
    memcpy(text + FIRST_LINE, envelope->payload, envelope->payload_size);
    *size = FIRST_LINE + envelope->payload_size;
    return text;
}

static bool verify(const uint8_t *text, size_t size, const struct bundle_signature *signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    EVP_PKEY *key =
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, signature->key.bytes, BUNDLE_KEY_SIZE);
    const bool verified = context && key && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                          EVP_DigestVerify(context, signature->bytes, BUNDLE_SIGNATURE_SIZE, text, size) == 1;
    EVP_PKEY_free(key);
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return verified;
}

bool envelope_signature_holds(const struct envelope *envelope, const struct bundle_signature *signature)
{
    size_t size;
    uint8_t *text = signed_text(envelope, &size);
    const bool holds = text && verify(text, size, signature);
    free(text);
    return holds;
}

const struct bundle_key *envelope_signer(const struct envelope *envelope, const struct bundle_key *accepted,
                                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t s = 0; s < envelope->signature_count; s++)
            if (bundle_key_equal(&accepted[i], &envelope->signatures[s].key) &&
                envelope_signature_holds(envelope, &envelope->signatures[s]))
                return &accepted[i];
    return NULL;
}

bool envelope_key_of(EVP_PKEY *pkey, struct bundle_key *key)
{
    size_t size = BUNDLE_KEY_SIZE;
    const bool read = EVP_PKEY_is_a(pkey, "ED25519") == 1 &&
                      EVP_PKEY_get_raw_public_key(pkey, key->bytes, &size) == 1 && size == BUNDLE_KEY_SIZE;
    ERR_clear_error();
    return read;
}

static bool sign(const uint8_t *text, size_t size, EVP_PKEY *key, struct bundle_signature *signature)
{
    size_t signature_size = BUNDLE_SIGNATURE_SIZE;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    const bool made = context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                      EVP_DigestSign(context, signature->bytes, &signature_size, text, size) == 1 &&
                      signature_size == BUNDLE_SIGNATURE_SIZE;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return made && verify(text, size, signature);
}

static struct bundle_signature *place_for(struct envelope *envelope, const struct bundle_key *key)
{
    for (size_t i = 0; i < envelope->signature_count; i++)
        if (bundle_key_equal(key, &envelope->signatures[i].key))
            return &envelope->signatures[i];
    return envelope->signature_count < BUNDLE_SIGNATURES ? &envelope->signatures[envelope->signature_count++]
                                                         : NULL;
}

const char *envelope_sign(struct envelope *envelope, EVP_PKEY *key)
{
    struct bundle_signature signature;
    size_t size;
    if (!envelope_key_of(key, &signature.key))
        return "the key is none of Ed25519: openssl genpkey -algorithm ed25519 makes one";
    uint8_t *text = signed_text(envelope, &size);
    const bool made = text && sign(text, size, key, &signature);
    free(text);
    if (!made)
        return "the key can't sign";
    struct bundle_signature *place = place_for(envelope, &signature.key);
    if (!place)
        return "there are 16 signatures already";
    *place = signature;
    return NULL;
}

bool envelope_write(const struct envelope *envelope, FILE *stream)
{
    fputs(BUNDLE_FIRST_LINE, stream);
    for (size_t i = 0; i < envelope->signature_count; i++) {
        char key[BUNDLE_KEY_LENGTH + 1], signature[SIGNATURE_TEXT + 1];
        bundle_key_format(&envelope->signatures[i].key, key);
        (void)EVP_EncodeBlock((unsigned char *)signature, envelope->signatures[i].bytes,
                              BUNDLE_SIGNATURE_SIZE);
        fprintf(stream, "%s %s\n", key, signature);
    }
    fputc('\n', stream);
    (void)fwrite(envelope->payload, 1, envelope->payload_size, stream);
    return fflush(stream) == 0 && !ferror(stream);
}
