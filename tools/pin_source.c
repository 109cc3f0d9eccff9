#include "tools/pin_source.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool fail(struct pin_source *source, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct pin_source *source, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(source->error, sizeof source->error, format, arguments);
    va_end(arguments);
    return false;
}

/* Takes the certificate over. */
static bool add(struct pin_source *source, X509 *certificate)
{
    if (source->served.chain && sk_X509_push(source->served.chain, certificate) > 0)
        return true;
    X509_free(certificate);
    return fail(source, "out of memory");
}

static bool read_pem(struct pin_source *source, BIO *input)
{
    int count = 0;
    for (X509 *certificate; (certificate = PEM_read_bio_X509(input, NULL, NULL, NULL)); count++)
        if (!add(source, certificate))
            return false;
    const unsigned long error = ERR_peek_last_error();
    if (ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE)
        return fail(source, "certificate %d is damaged", count + 1);
    return count > 0 || fail(source, "no certificate in it");
}

static bool read_der(struct pin_source *source, BIO *input)
{
    X509 *certificate = d2i_X509_bio(input, NULL);
    return certificate ? add(source, certificate) : fail(source, "neither a PEM nor a DER certificate");
}

static bool read_file(struct pin_source *source)
{
    enum { ASN1_SEQUENCE = 0x30 };
    FILE *file = fopen(source->name, "re");
    BIO *input = file ? BIO_new_fp(file, BIO_CLOSE) : NULL;
    if (!input)
        return fail(source, "%s", strerror(errno));
    const int first = getc(file);
    ungetc(first, file);
    source->served.chain = sk_X509_new_null();
    const bool read = first == ASN1_SEQUENCE ? read_der(source, input) : read_pem(source, input);
    BIO_free(input);
    ERR_clear_error();
    return read;
}

static bool ask_server(struct pin_source *source, const char *roots)
{
    char error[SERVED_ERROR_SIZE];
    source->is_server = endpoint_parse(source->name, &source->endpoint);
    if (!source->is_server)
        return fail(source, "neither a file nor HOST[:PORT]");
    if (served_fetch(&source->endpoint, roots, &source->served, error))
        return true;
    return fail(source, strchr(source->name, ':') ? "%s" : "no such file; as a host: %s", error);
}

bool pin_source_is_file(const char *name)
{
    struct stat status;
    return strchr(name, '/') || (stat(name, &status) == 0 && !S_ISDIR(status.st_mode));
}

bool pin_source_read(struct pin_source *source, const char *name, const char *roots)
{
    *source = (struct pin_source){.name = name};
    return pin_source_is_file(name) ? read_file(source) : ask_server(source, roots);
}

void pin_source_free(struct pin_source *source)
{
    served_free(&source->served);
}
