/* Sessions that the program kept itself (resumption tokens), and pre-shared keys. NSS gives both out under
 * their names alone, by SSL_GetExperimentalAPI, and tells of neither: so it is noted when they are set. */
#include "hooks/nss/without_certificate.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void nss_without_certificate(struct nss_record *record, PRFileDesc *fd, enum arming arming)
{
    const struct nss *lib = record->lib;
    if (record->has_token) /* nothing has been sent: all that is lost by it is the session */
        (void)lib->api.SSL_ResetHandshake(fd, PR_FALSE);
    record->has_token = false;
    if (arming == ARM_TERMINATE && record->psk && lib->remove_psk)
        record->withheld = lib->remove_psk(fd, record->psk, record->psk_length) == SECSuccess;
}

static SECStatus set_token(PRFileDesc *fd, const PRUint8 *token, unsigned int length)
{
    struct nss_record *record = nss_record_find(fd);
    if (!record)
        return SECFailure;
    const SECStatus result = record->lib->set_token(fd, token, length);
    record->has_token |= result == SECSuccess;
    return result;
}

/* A key that comes when the handshake is under way isn't offered any more, or only after a retry: it is
 * taken, and not used. */
static bool is_too_late(const struct nss_record *record)
{
    return record->begun && record->connection.pinned;
}

/* NULL, with the error set, where memory is out. */
static unsigned char *copy_label(const struct nss_record *record, const PRUint8 *label, unsigned int length)
{
    const size_t size = label && length <= UINT16_MAX ? length : 0; /* the library refuses others */
    unsigned char *copy = calloc(1, size + 1);
    if (!copy)
        record->lib->api.PR_SetError(PR_OUT_OF_MEMORY_ERROR, 0);
    else if (size > 0)
        memcpy(copy, label, size);
    return copy;
}

/* Where the library has taken the key; it takes no second one. */
static SECStatus note_psk(struct nss_record *record, unsigned char *label, unsigned int length,
                          SECStatus result)
{
    unsigned char *unused = label;
    if (result == SECSuccess) {
        unused = record->psk;
        record->psk = label;
        record->psk_length = length;
    }
    free(unused);
    return result;
}

static SECStatus add_early_psk(PRFileDesc *fd, PK11SymKey *key, const PRUint8 *label, unsigned int length,
                               SSLHashType hash, PRUint16 suite, PRUint32 max_early)
{
    struct nss_record *record = nss_record_find(fd);
    if (!record)
        return SECFailure;
    if (is_too_late(record))
        return SECSuccess;
    unsigned char *copy = copy_label(record, label, length);
    return copy ? note_psk(record, copy, length,
                           record->lib->add_early_psk(fd, key, label, length, hash, suite, max_early))
                : SECFailure;
}

static SECStatus add_psk(PRFileDesc *fd, PK11SymKey *key, const PRUint8 *label, unsigned int length,
                         SSLHashType hash)
{
    struct nss_record *record = nss_record_find(fd);
    if (!record)
        return SECFailure;
    if (is_too_late(record))
        return SECSuccess;
    unsigned char *copy = copy_label(record, label, length);
    return copy ? note_psk(record, copy, length, record->lib->add_psk(fd, key, label, length, hash))
                : SECFailure;
}

void *SSL_GetExperimentalAPI(const char *name)
{
    void *(*original)(const char *) =
        (void *(*)(const char *))platform_original(__builtin_return_address(0), "SSL_GetExperimentalAPI");
    void *function = original ? original(name) : NULL;
    if (!function)
        return NULL;
    struct nss *lib = NULL;
    if (nss_meet(__extension__(void *) original, &lib) != MEET_KNOWN || !lib)
        return function;
    if (function == (void *)lib->set_token)
        return __extension__(void *) set_token;
    if (function == (void *)lib->add_psk)
        return __extension__(void *) add_psk;
    if (function == (void *)lib->add_early_psk)
        return __extension__(void *) add_early_psk;
    return function;
}
