/* Where a certificate's DER holds its key. */
#include "config/spki.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 8192 };

/* A certificate of this version, with a subject of this many bytes; its DER. */
static size_t certificate(long version, size_t subject_size, uint8_t der[SIZE], EVP_PKEY *key)
{
    unsigned char subject[4096], *end = der;
    X509 *x509 = X509_new();
    memset(subject, 'a', sizeof subject);
    X509_set_version(x509, version);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    for (size_t done = 0; done < subject_size; done += 60)
        X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "OU", MBSTRING_ASC, subject, 60, -1, 0);
    X509_gmtime_adj(X509_getm_notBefore(x509), 0);
    X509_gmtime_adj(X509_getm_notAfter(x509), 60);
    X509_set_pubkey(x509, key);
    X509_sign(x509, key, EVP_sha256());
    const int length = i2d_X509(x509, &end);
    X509_free(x509);
    ck_assert_int_gt(length, 0);
    return (size_t)length;
}

static void assert_found(const uint8_t *der, size_t length, EVP_PKEY *key)
{
    const uint8_t *spki;
    size_t spki_length;
    unsigned char *wanted = NULL;
    const int wanted_length = i2d_PUBKEY(key, &wanted);
    ck_assert(spki_find(der, length, &spki, &spki_length));
    ck_assert_uint_eq(spki_length, (size_t)wanted_length);
    ck_assert_mem_eq(spki, wanted, spki_length);
    OPENSSL_free(wanted);
}

START_TEST(a_key_is_found_whatever_comes_before_it)
{
    uint8_t der[SIZE];
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_RSA_gen(2048), EVP_PKEY_Q_keygen(NULL, NULL, "ED448")};
    for (size_t k = 0; k < 2; k++)
        for (long version = X509_VERSION_1; version <= X509_VERSION_3; version++)
            for (size_t size = 0; size <= 3000; size += 60)
                assert_found(der, certificate(version, size, der, keys[k]), keys[k]);
    for (size_t k = 0; k < 3; k++)
        EVP_PKEY_free(keys[k]);
}
END_TEST

START_TEST(what_is_cut_or_longer_is_no_certificate)
{
    uint8_t der[SIZE];
    const uint8_t *spki;
    size_t spki_length;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    const size_t length = certificate(X509_VERSION_3, 60, der, key);
    for (size_t cut = 0; cut < length; cut++)
        ck_assert(!spki_find(der, cut, &spki, &spki_length));
    der[length] = 0;
    ck_assert(!spki_find(der, length + 1, &spki, &spki_length));
    EVP_PKEY_free(key);
}
END_TEST

/* Whatever a byte becomes, nothing is read that isn't there. */
START_TEST(no_other_byte_leads_astray)
{
    uint8_t der[SIZE];
    EVP_PKEY *key = EVP_EC_gen("P-256");
    const size_t length = certificate(X509_VERSION_3, 60, der, key);
    uint8_t *copy = malloc(length); /* no byte more, for the sanitizers */
    for (size_t i = 0; i < length; i++)
        for (int value = 0; value < 256; value++) {
            const uint8_t *spki;
            size_t spki_length;
            memcpy(copy, der, length);
            copy[i] = (uint8_t)value;
            if (spki_find(copy, length, &spki, &spki_length)) {
                ck_assert(spki >= copy && spki + spki_length <= copy + length);
                ck_assert_uint_eq(spki[0], 0x30);
            }
        }
    free(copy);
    EVP_PKEY_free(key);
}
END_TEST

START_TEST(a_length_that_could_be_shorter_is_no_der)
{
#define REST 0x30, 0, 0x30, 0, 0x30, 0, 0x30, 0, 0x30, 2, 3, 0
    static const uint8_t plain[] = {0x30, 17, 0x30, 15, 2, 1, 1, REST};
    static const uint8_t longer[] = {0x30, 18, 0x30, 16, 2, 0x81, 1, 1, REST};
    static const uint8_t padded[] = {0x30, 19, 0x30, 17, 2, 0x82, 0, 1, 1, REST};
    static const uint8_t indefinite[] = {0x30, 0x80, 0x30, 15, 2, 1, 1, REST, 0, 0};
#undef REST
    const uint8_t *spki;
    size_t length;
    ck_assert(spki_find(plain, sizeof plain, &spki, &length));
    ck_assert_uint_eq(length, 4);
    ck_assert(!spki_find(longer, sizeof longer, &spki, &length));
    ck_assert(!spki_find(padded, sizeof padded, &spki, &length));
    ck_assert(!spki_find(indefinite, sizeof indefinite, &spki, &length));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("spki");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_key_is_found_whatever_comes_before_it);
    tcase_add_test(tests, what_is_cut_or_longer_is_no_certificate);
    tcase_add_test(tests, no_other_byte_leads_astray);
    tcase_add_test(tests, a_length_that_could_be_shorter_is_no_der);
    return unit_run("spki", tests);
}
