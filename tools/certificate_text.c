#include "tools/certificate_text.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

bool certificate_pin(const X509 *certificate, struct pin *pin)
{
    unsigned char *der = NULL;
    const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    const bool digested =
        length > 0 && EVP_Digest(der, (size_t)length, pin->sha256, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    return digested;
}

static void print_first_name(X509 *certificate, BIO *output)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS)
            continue;
        BIO_puts(output, "DNS:");
        ASN1_STRING_print_ex(output, name->d.dNSName, ASN1_STRFLGS_RFC2253);
        break;
    }
    GENERAL_NAMES_free(names);
}

char *certificate_subject(X509 *certificate)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    BIO *output = BIO_new(BIO_s_mem());
    char *bytes;
    if (!output)
        return NULL;
    if (X509_NAME_entry_count(subject) > 0)
        X509_NAME_print_ex(output, subject, 0, XN_FLAG_ONELINE);
    else
        print_first_name(certificate, output);
    const long length = BIO_get_mem_data(output, &bytes);
    char *text = strndup(length > 0 ? bytes : "", length > 0 ? (size_t)length : 0);
    BIO_free(output);
    for (char *c = text; c && *c; c++) /* a last guard: the flags above have escaped them */
        if (*c < ' ' || *c > '~')
            *c = '?';
    return text;
}
