#include "hooks/openssl/key_encoding.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

static const struct openssl_api api = {
    .X509_PUBKEY_get0_param = X509_PUBKEY_get0_param,
    .X509_ALGOR_get0 = X509_ALGOR_get0,
    .OBJ_length = OBJ_length,
    .OBJ_get0_data = OBJ_get0_data,
};

/* A key's kind, and what of it is asked for by name. */
static const struct {
    const char *kind, *option, *value;
    bool left; /* to the library: its parameters are a structure */
} kinds[] = {
    {"RSA", "rsa_keygen_bits", "2048", false},
    {"RSA", "rsa_keygen_bits", "4096", false},
    {"EC", "ec_paramgen_curve", "P-256", false},
    {"EC", "ec_paramgen_curve", "P-521", false},
    {"ED25519", NULL, NULL, false},
    {"ED448", NULL, NULL, false},
    {"X25519", NULL, NULL, false},
    {"RSA-PSS", "rsa_pss_keygen_md", "sha256", true},
};

static EVP_PKEY *generate(const char *kind, const char *option, const char *value)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    ck_assert(ctx && EVP_PKEY_keygen_init(ctx) == 1);
    ck_assert(!option || EVP_PKEY_CTX_ctrl_str(ctx, option, value) == 1);
    ck_assert_int_eq(EVP_PKEY_generate(ctx, &key), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

/* In a buffer of each size up to the encoding's: the same bytes, or none. */
static void assert_encoded(X509_PUBKEY *key, bool left)
{
    unsigned char *expected = NULL;
    const int length = i2d_X509_PUBKEY(key, &expected);
    ck_assert_int_gt(length, 0);
    for (size_t size = 0; size <= (size_t)length + 1; size++) {
        unsigned char *buffer = malloc(size ? size : 1);
        const unsigned char *encoding;
        const size_t got = key_encoding(&api, key, buffer, size, &encoding);
        ck_assert_uint_eq(got, left || size < (size_t)length ? 0 : (size_t)length);
        if (got) {
            ck_assert_mem_eq(encoding, expected, got);
            ck_assert_ptr_eq(encoding + got, buffer + size);
        }
        free(buffer);
    }
    OPENSSL_free(expected);
}

START_TEST(encoding_is_the_library_s)
{
    EVP_PKEY *pkey = generate(kinds[_i].kind, kinds[_i].option, kinds[_i].value);
    X509_PUBKEY *key = NULL;
    ck_assert_int_eq(X509_PUBKEY_set(&key, pkey), 1);
    assert_encoded(key, kinds[_i].left);
    X509_PUBKEY_free(key);
    EVP_PKEY_free(pkey);
}
END_TEST

START_TEST(explicit_curve_is_left_to_the_library)
{
    EVP_PKEY *pkey = generate("EC", "ec_paramgen_curve", "P-256");
    X509_PUBKEY *key = NULL;
    ck_assert_int_eq(EVP_PKEY_set_utf8_string_param(pkey, "encoding", "explicit"), 1);
    ck_assert_int_eq(X509_PUBKEY_set(&key, pkey), 1);
    assert_encoded(key, true);
    X509_PUBKEY_free(key);
    EVP_PKEY_free(pkey);
}
END_TEST

/* Of every length that a header writes differently, and of none. */
START_TEST(headers_of_every_size)
{
    static const size_t lengths[] = {0,   1,   100, 125,  126,  127,  128,  253,
                                     254, 255, 256, 4000, 6000, 9000, 65000};
    static const unsigned char bits[65000];
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        X509_PUBKEY *key = X509_PUBKEY_new();
        unsigned char *copy = OPENSSL_memdup(bits, lengths[i] ? lengths[i] : 1), *expected = NULL;
        ck_assert_int_eq(
            X509_PUBKEY_set0_param(key, OBJ_nid2obj(NID_ED25519), V_ASN1_UNDEF, NULL, copy, (int)lengths[i]),
            1);
        const int length = i2d_X509_PUBKEY(key, &expected);
        unsigned char *buffer = malloc((size_t)length);
        const unsigned char *encoding;
        ck_assert_uint_eq(key_encoding(&api, key, buffer, (size_t)length, &encoding), (size_t)length);
        ck_assert_mem_eq(encoding, expected, (size_t)length);
        free(buffer);
        OPENSSL_free(expected);
        X509_PUBKEY_free(key);
    }
}
END_TEST

int main(void)
{
    TCase *encodings = tcase_create("encodings");
    tcase_set_timeout(encodings, 120);
    tcase_add_loop_test(encodings, encoding_is_the_library_s, 0, sizeof kinds / sizeof *kinds);
    tcase_add_test(encodings, explicit_curve_is_left_to_the_library);
    tcase_add_test(encodings, headers_of_every_size);
    return unit_run("key_encoding", encodings);
}
