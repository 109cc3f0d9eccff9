#include "tests/clients/nss/nss.h"

#include <stdlib.h>
#include <string.h>

/* The session of the connection before, as its program keeps it. */
static struct {
    PRUint8 bytes[TOKEN_SIZE];
    unsigned int length;
} token;

static SECStatus keep_token(PRFileDesc *fd, const PRUint8 *bytes, unsigned int length, void *argument)
{
    (void)fd, (void)argument;
    if (length > sizeof token.bytes)
        return SECFailure;
    memcpy(token.bytes, bytes, length);
    token.length = length;
    return SECSuccess;
}

static PK11SymKey *key_of(const char *hex)
{
    unsigned char bytes[64];
    const size_t length = strlen(hex) / 2;
    for (size_t i = 0; i < length && i < sizeof bytes; i++) {
        const char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};
        bytes[i] = (unsigned char)strtoul(digits, NULL, 16);
    }
    SECItem item = {siBuffer, bytes, (unsigned int)length};
    PK11SlotInfo *slot = PK11_GetInternalSlot();
    PK11SymKey *key = PK11_ImportSymKey(slot, CKM_HKDF_KEY_GEN, PK11_OriginUnwrap, CKA_DERIVE, &item, NULL);
    PK11_FreeSlot(slot);
    return key;
}

void secrets_set(struct connection *connection)
{
    static const char label[] = "Client_identity", second[] = "another";
    const struct options *options = connection->options;
    if (options->token) {
        if (token.length)
            (void)SSL_SetResumptionToken(connection->fd, token.bytes, token.length);
        (void)SSL_SetResumptionTokenCallback(connection->fd, keep_token, NULL);
    }
    if (options->psk) {
        PK11SymKey *key = key_of(options->psk);
        (void)SSL_AddExternalPsk(connection->fd, key, (const PRUint8 *)label, sizeof label - 1,
                                 ssl_hash_sha256);
        (void)SSL_AddExternalPsk(connection->fd, key, (const PRUint8 *)second, sizeof second - 1,
                                 ssl_hash_sha256); /* there may be one: it isn't taken */
        PK11_FreeSymKey(key);
    }
}
