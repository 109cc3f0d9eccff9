#include "config/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool digest_key(X509 *x509, struct pin *pin)
{
    unsigned char *spki = NULL;
    const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x509), &spki);
    const bool digested =
        length > 0 && EVP_Digest(spki, (size_t)length, pin->sha256, NULL, EVP_sha256(), NULL);
    OPENSSL_free(spki);
    return digested;
}

static bool encode(X509 *x509, struct certificate *certificate)
{
    unsigned char *der = NULL;
    const int length = i2d_X509(x509, &der);
    certificate->der = length > 0 ? malloc((size_t)length) : NULL;
    if (certificate->der) {
        memcpy(certificate->der, der, (size_t)length);
        certificate->length = (size_t)length;
    }
    OPENSSL_free(der);
    return certificate->der != NULL;
}

static bool add(struct certificates *certificates, X509 *x509)
{
    struct certificate certificate = {0};
    struct certificate *items =
        reallocarray(certificates->items, certificates->count + 1, sizeof *certificates->items);
    if (!items)
        return false;
    certificates->items = items;
    if (!digest_key(x509, &certificate.pin) || !encode(x509, &certificate))
        return false;
    items[certificates->count++] = certificate;
    return true;
}

/* The end of the file is PEM's "no start line"; anything else is a certificate that can't be read. */
static bool at_end(void)
{
    const unsigned long error = ERR_peek_last_error();
    return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

static const char *read_all(struct certificates *certificates, FILE *file)
{
    const size_t before = certificates->count;
    char no_phrase[] = "";
    X509 *x509;
    /* Without one, OpenSSL asks at the terminal for the pass phrase of an encrypted block. */
    while ((x509 = PEM_read_X509(file, NULL, NULL, no_phrase))) {
        const bool added = add(certificates, x509);
        X509_free(x509);
        if (!added)
            return "has a certificate whose public key can't be read";
    }
    if (!at_end())
        return "has a certificate that can't be read";
    return certificates->count > before ? NULL : "holds no certificate in PEM form";
}

static void shorten(struct certificates *certificates, size_t count)
{
    while (certificates->count > count)
        free(certificates->items[--certificates->count].der);
}

bool certificates_add(struct certificates *certificates, const uint8_t *der, size_t length)
{
    const unsigned char *at = der;
    X509 *x509 = length > 0 && length <= LONG_MAX ? d2i_X509(NULL, &at, (long)length) : NULL;
    const bool added = x509 && at == der + length && add(certificates, x509);
    X509_free(x509);
    ERR_clear_error();
    return added;
}

bool certificates_read(struct certificates *certificates, const char *path, const char **error)
{
    const size_t before = certificates->count;
    struct stat status;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* a FIFO must not hang it */
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (!file) {
        *error = strerror(errno);
        if (fd >= 0)
            close(fd);
        return false;
    }
    *error = fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode) ? read_all(certificates, file)
                                                                          : "is no regular file";
    fclose(file);
    ERR_clear_error();
    if (*error)
        shorten(certificates, before);
    return !*error;
}

void certificates_free(struct certificates *certificates)
{
    shorten(certificates, 0);
    free(certificates->items);
    *certificates = (struct certificates){0};
}
