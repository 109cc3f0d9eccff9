#include "hooks/openssl/key_encoding.h"

#include <string.h>

enum {
    TAG_BIT_STRING = 0x03,
    TAG_NULL = 0x05,
    TAG_OID = 0x06,
    TAG_SEQUENCE = 0x30,
    LONG_FORM = 0x80, /* of a length: how many bytes hold it */
};

/* Written from its end, so that each length is known before its header. */
struct der {
    unsigned char *start, *at; /* at: its first byte so far; NULL: there was no room */
};

static void put(struct der *der, const void *bytes, size_t length)
{
    if (der->at && (size_t)(der->at - der->start) < length)
        der->at = NULL;
    if (!der->at || length == 0)
        return;
    der->at -= length;
    memcpy(der->at, bytes, length);
}

static void put_header(struct der *der, unsigned char tag, size_t length)
{
    const unsigned char high = (unsigned char)(length >> 8), low = (unsigned char)length;
    if (length < LONG_FORM)
        put(der, (unsigned char[]){tag, low}, 2);
    else if (length <= UINT8_MAX)
        put(der, (unsigned char[]){tag, LONG_FORM | 1, low}, 3);
    else if (length <= UINT16_MAX)
        put(der, (unsigned char[]){tag, LONG_FORM | 2, high, low}, 4);
    else
        der->at = NULL;
}

static void put_oid(const struct openssl_api *api, struct der *der, const ASN1_OBJECT *oid)
{
    const size_t length = oid ? api->OBJ_length(oid) : 0;
    if (length == 0) {
        der->at = NULL;
        return;
    }
    put(der, api->OBJ_get0_data(oid), length);
    put_header(der, TAG_OID, length);
}

/* The parameters of an algorithm: none, NULL (RSA) or a curve's name; no others. */
static void put_parameters(const struct openssl_api *api, struct der *der, int type, const void *value)
{
    if (type == V_ASN1_NULL)
        put_header(der, TAG_NULL, 0);
    else if (type == V_ASN1_OBJECT)
        put_oid(api, der, value);
    else if (type != V_ASN1_UNDEF)
        der->at = NULL;
}

size_t key_encoding(const struct openssl_api *api, X509_PUBKEY *key, unsigned char *buffer, size_t size,
                    const unsigned char **encoding)
{
    static const unsigned char no_unused_bits[] = {0};
    struct der der = {buffer, buffer + size};
    const unsigned char *bits, *const end = der.at;
    const ASN1_OBJECT *oid;
    const void *value;
    int length, type;
    X509_ALGOR *algorithm;
    if (!api->X509_PUBKEY_get0_param(NULL, &bits, &length, &algorithm, key) || length < 0)
        return 0;
    put(&der, bits, (size_t)length);
    put(&der, no_unused_bits, 1);
    put_header(&der, TAG_BIT_STRING, (size_t)length + 1);
    const unsigned char *const behind = der.at;
    api->X509_ALGOR_get0(&oid, &type, &value, algorithm);
    put_parameters(api, &der, type, value);
    put_oid(api, &der, oid);
    if (der.at)
        put_header(&der, TAG_SEQUENCE, (size_t)(behind - der.at));
    if (der.at)
        put_header(&der, TAG_SEQUENCE, (size_t)(end - der.at));
    *encoding = der.at;
    return der.at ? (size_t)(end - der.at) : 0;
}
