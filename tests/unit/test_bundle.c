/* Bundles: what is one, who signed it, and what is in it. */
#include "bundle/envelope.h"
#include "bundle/payload.h"
#include "bundle/unpack.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMES   "\"created\": \"2026-01-01T00:00:00Z\", \"expires\": \"2027-01-01T00:00:00Z\""
#define FILES   "\"files\": {\"pinshim.conf\": \"version = 1;\"}"
#define PAYLOAD "{\"version\": 7, " TIMES ", " FILES "}"

/* An envelope around a payload, signed by some fresh keys; the caller's to free. */
static char *sealed(const char *payload, EVP_PKEY *const *keys, size_t count, size_t *size)
{
    struct envelope envelope = {.payload = (const uint8_t *)payload, .payload_size = strlen(payload)};
    char *bytes = NULL;
    FILE *stream = open_memstream(&bytes, size);
    for (size_t i = 0; i < count; i++)
        ck_assert_ptr_null(envelope_sign(&envelope, keys[i]));
    ck_assert(envelope_write(&envelope, stream));
    fclose(stream);
    return bytes;
}

static EVP_PKEY *new_key(struct bundle_key *key)
{
    EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    ck_assert(envelope_key_of(pkey, key));
    return pkey;
}

START_TEST(each_of_its_signers_is_known)
{
    struct bundle_key public[3];
    EVP_PKEY *keys[3];
    struct envelope envelope;
    size_t size;
    for (int i = 0; i < 3; i++)
        keys[i] = new_key(&public[i]);
    char *bytes = sealed(PAYLOAD, keys, 2, &size);
    ck_assert_ptr_null(envelope_read(&envelope, (uint8_t *)bytes, size));
    ck_assert_uint_eq(envelope.signature_count, 2);
    ck_assert_ptr_eq(envelope_signer(&envelope, &public[0], 1), &public[0]);
    ck_assert_ptr_eq(envelope_signer(&envelope, &public[1], 2), &public[1]);
    ck_assert_ptr_null(envelope_signer(&envelope, &public[2], 1));
    ck_assert_ptr_null(envelope_signer(&envelope, NULL, 0));
    ck_assert_ptr_null(envelope_sign(&envelope, keys[0])); /* again: in place of its own */
    ck_assert_uint_eq(envelope.signature_count, 2);
    free(bytes);
    for (int i = 0; i < 3; i++)
        EVP_PKEY_free(keys[i]);
}
END_TEST

/* Whatever byte is another one, or is missing, or is too many. */
START_TEST(nothing_altered_is_signed)
{
    struct bundle_key public;
    EVP_PKEY *key = new_key(&public);
    struct envelope envelope;
    size_t size;
    char *bytes = sealed(PAYLOAD, &key, 1, &size);
    for (size_t i = 0; i < size; i++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[i] ^= (char)(1 << bit);
            ck_assert(envelope_read(&envelope, (uint8_t *)bytes, size) ||
                      !envelope_signer(&envelope, &public, 1));
            bytes[i] ^= (char)(1 << bit);
        }
    for (size_t cut = 0; cut < size; cut++) {
        uint8_t *copy = malloc(cut + 1); /* no byte more than it may look at, for the sanitizers */
        memcpy(copy, bytes, cut);
        ck_assert(envelope_read(&envelope, copy, cut) || !envelope_signer(&envelope, &public, 1));
        free(copy);
    }
    bytes[size] = '\n'; /* in place of the stream's NUL */
    ck_assert(envelope_read(&envelope, (uint8_t *)bytes, size + 1) ||
              !envelope_signer(&envelope, &public, 1));
    free(bytes);
    EVP_PKEY_free(key);
}
END_TEST

START_TEST(what_is_no_envelope_is_told)
{
    static const char *const texts[][2] = {
        {"", "is no bundle: its first line isn't \"pinshim-bundle 1\""},
        {"pinshim-bundle 2\n\n{}", "is no bundle: its first line isn't \"pinshim-bundle 1\""},
        {"pinshim-bundle 1\n", "isn't signed"},
        {"pinshim-bundle 1\n\n{}", "isn't signed"},
        {"pinshim-bundle 1\nnonsense\n\n{}", "has a line among its signatures that is none"},
        {"pinshim-bundle 1\r\n\r\n{}", "is no bundle: its first line isn't \"pinshim-bundle 1\""},
    };
    struct envelope envelope;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *fault = envelope_read(&envelope, (const uint8_t *)texts[i][0], strlen(texts[i][0]));
        ck_assert_pstr_eq(fault, texts[i][1]);
    }
    uint8_t *large = calloc(1, BUNDLE_SIZE_LIMIT + 1);
    ck_assert_str_eq(envelope_read(&envelope, large, BUNDLE_SIZE_LIMIT + 1), "is larger than 16 MB");
    free(large);
}
END_TEST

START_TEST(a_seventeenth_signature_is_one_too_many)
{
    struct envelope envelope;
    struct bundle_key public;
    EVP_PKEY *keys[BUNDLE_SIGNATURES + 1];
    size_t size;
    for (int i = 0; i <= BUNDLE_SIGNATURES; i++)
        keys[i] = new_key(&public);
    char *bytes = sealed(PAYLOAD, keys, BUNDLE_SIGNATURES, &size);
    ck_assert_ptr_null(envelope_read(&envelope, (uint8_t *)bytes, size));
    ck_assert_str_eq(envelope_sign(&envelope, keys[BUNDLE_SIGNATURES]), "there are 16 signatures already");
    const char *second_line = strchr(bytes, '\n') + 1;
    char *more = NULL;
    const size_t line = (size_t)(strchr(second_line, '\n') + 1 - second_line);
    FILE *stream = open_memstream(&more, &size);
    fprintf(stream, "%.*s%.*s%s", (int)(second_line - bytes), bytes, (int)line, second_line, second_line);
    fclose(stream);
    ck_assert_str_eq(envelope_read(&envelope, (uint8_t *)more, size), "has more than 16 signatures");
    free(more);
    free(bytes);
    for (int i = 0; i <= BUNDLE_SIGNATURES; i++)
        EVP_PKEY_free(keys[i]);
}
END_TEST

START_TEST(a_key_of_another_kind_signs_nothing)
{
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"), EVP_PKEY_Q_keygen(NULL, NULL, "ED448")};
    struct envelope envelope = {.payload = (const uint8_t *)"x", .payload_size = 1};
    for (int i = 0; i < 2; i++) {
        ck_assert_ptr_nonnull(envelope_sign(&envelope, keys[i]));
        EVP_PKEY_free(keys[i]);
    }
    ck_assert_uint_eq(envelope.signature_count, 0);
}
END_TEST

START_TEST(a_payload_is_read_as_it_was_written)
{
    char error[BUNDLE_ERROR_SIZE];
    struct bundle bundle = {.version = 12, .created = 1000000000, .expires = 2000000000}, again;
    ck_assert(bundle_add(&bundle, "pinshim.conf", "version = 1;\n\"\\\t\xc3\xa4", 18));
    ck_assert(bundle_add(&bundle, "certs/a b.pem", "", 0));
    char *text = payload_write(&bundle, error);
    ck_assert_ptr_nonnull(text);
    ck_assert(payload_read(&again, (uint8_t *)text, strlen(text), error));
    ck_assert_uint_eq(again.version, 12);
    ck_assert_int_eq(again.created, 1000000000);
    ck_assert_int_eq(again.expires, 2000000000);
    ck_assert_uint_eq(again.file_count, 2);
    for (int i = 0; i < 2; i++) {
        ck_assert_str_eq(again.files[i].path, bundle.files[i].path);
        ck_assert_str_eq(again.files[i].text, bundle.files[i].text);
        ck_assert_uint_eq(again.files[i].length, bundle.files[i].length);
    }
    bundle_free(&again);
    bundle_free(&bundle);
    free(text);
}
END_TEST

START_TEST(a_file_that_is_no_text_is_in_no_bundle)
{
    char error[BUNDLE_ERROR_SIZE];
    static const char *const texts[] = {"\xff\xfe", "a\0b"};
    for (int i = 0; i < 2; i++) {
        struct bundle bundle = {.version = 1, .created = 1, .expires = 2};
        ck_assert(bundle_add(&bundle, "pinshim.conf", texts[i], i ? 3 : 2));
        ck_assert_ptr_null(payload_write(&bundle, error));
        ck_assert_str_eq(error, "pinshim.conf is no UTF-8 text");
        bundle_free(&bundle);
    }
}
END_TEST

/* What no signer of sound mind signs, and what they are told. */
START_TEST(a_malformed_payload_is_refused)
{
    static const char *const payloads[][2] = {
        {"", "holds no JSON"},
        {"[]", "isn't as a bundle should be"},
        {"{}", "isn't as a bundle should be"},
        {PAYLOAD "x", "holds no JSON"},
        {"{\"version\": 7, \"version\": 8, " TIMES ", " FILES "}", "holds no JSON: duplicate"},
        {"{\"version\": 7, \"more\": 1, " TIMES ", " FILES "}", "isn't as a bundle should be"},
        {"{\"version\": \"7\", " TIMES ", " FILES "}", "isn't as a bundle should be"},
        {"{\"version\": 0, " TIMES ", " FILES "}", "has the version 0"},
        {"{\"version\": -1, " TIMES ", " FILES "}", "has the version -1"},
        {"{\"version\": 99999999999999999999, " TIMES ", " FILES "}", "holds no JSON"},
        {"{\"version\": 1.5, " TIMES ", " FILES "}", "isn't as a bundle should be"},
        {"{\"version\": 1, " TIMES ", \"files\": []}", "has no files"},
        {"{\"version\": 1, " TIMES ", \"files\": {}}", "has no pinshim.conf"},
        {"{\"version\": 1, " TIMES ", \"files\": {\"pinshim.conf\": 1}}", "has no pinshim.conf"},
        {"{\"version\": 1, " TIMES ", \"files\": {\"pinshim.conf\": \"a\\u0000b\"}}", "holds no JSON"},
        {"{\"version\": 1, " TIMES ", \"files\": {\"pinshim.conf\": \"\", \"a\": {}}}", "has no text for a"},
        {"{\"version\": 1, \"created\": \"today\", \"expires\": \"2027-01-01T00:00:00Z\", " FILES "}",
         "was created at \"today\""},
        {"{\"version\": 1, \"created\": \"2026-01-01T00:00:00Z\", \"expires\": "
         "\"2026-02-30T00:00:00Z\", " FILES "}",
         "expires at \"2026-02-30"},
        {"{\"version\": 1, \"created\": \"2026-01-01T00:00:00Z\", \"expires\": "
         "\"2026-01-01T00:00:00Z\", " FILES "}",
         "expires before it was created"},
    };
    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        struct bundle bundle;
        char error[BUNDLE_ERROR_SIZE] = "";
        ck_assert(!payload_read(&bundle, (const uint8_t *)payloads[i][0], strlen(payloads[i][0]), error));
        ck_assert_msg(strncmp(error, payloads[i][1], strlen(payloads[i][1])) == 0, "%s: %s", payloads[i][0],
                      error);
        ck_assert_ptr_null(bundle.files);
    }
}
END_TEST

START_TEST(a_path_that_leads_elsewhere_is_refused)
{
    static const char *const bad[] = {
        "",         "/",    "/etc/passwd", "..",        "../a",      "a/../b", "a/..", ".",
        "./a",      "a//b", "a/",          ".hidden",   "a/.hidden", "a\\b",   "a\nb", "a\x1b[m",
        "\xc3\xa4", "a:b",  "~",           "a/b/c/d/e", "$(id)",     "a/./b",  "*",    "a;b"};
    static const char *const good[] = {"a",           "pinshim.conf", "persona.d/Field sales.conf",
                                       "a/b/c/d.pem", "a..b",         "-x_1+2@3=4"};
    char longest[BUNDLE_PATH_SIZE + 1];
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!bundle_path_is_clean(bad[i]), "%s", bad[i]);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(bundle_path_is_clean(good[i]), "%s", good[i]);
    memset(longest, 'a', sizeof longest);
    longest[BUNDLE_PATH_SIZE] = '\0';
    ck_assert(!bundle_path_is_clean(longest));
    longest[BUNDLE_PATH_SIZE - 1] = '\0';
    ck_assert(bundle_path_is_clean(longest));
}
END_TEST

START_TEST(files_are_written_below_the_folder_alone)
{
    char folder[] = "/tmp/pinshim-bundle-XXXXXX", error[BUNDLE_ERROR_SIZE], text[8] = "", command[64];
    struct bundle bundle = {0}, twice = {0}, outside = {0};
    ck_assert_ptr_nonnull(mkdtemp(folder));
    const int fd = open(folder, O_RDONLY | O_DIRECTORY);
    ck_assert(bundle_add(&bundle, "a/b", "text", 4));
    ck_assert(bundle_unpack(&bundle, fd, error));
    const int file = openat(fd, "a/b", O_RDONLY);
    ck_assert_int_eq(read(file, text, sizeof text), 4);
    ck_assert_str_eq(text, "text");
    close(file);
    ck_assert(bundle_add(&twice, "a", "text", 4)); /* a folder of that name is there */
    ck_assert(!bundle_unpack(&twice, fd, error));
    ck_assert(bundle_add(&outside, "../x", "text", 4));
    ck_assert(!bundle_unpack(&outside, fd, error));
    close(fd);
    bundle_free(&bundle);
    bundle_free(&twice);
    bundle_free(&outside);
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("bundle");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, each_of_its_signers_is_known);
    tcase_add_test(tests, nothing_altered_is_signed);
    tcase_add_test(tests, what_is_no_envelope_is_told);
    tcase_add_test(tests, a_seventeenth_signature_is_one_too_many);
    tcase_add_test(tests, a_key_of_another_kind_signs_nothing);
    tcase_add_test(tests, a_payload_is_read_as_it_was_written);
    tcase_add_test(tests, a_file_that_is_no_text_is_in_no_bundle);
    tcase_add_test(tests, a_malformed_payload_is_refused);
    tcase_add_test(tests, a_path_that_leads_elsewhere_is_refused);
    tcase_add_test(tests, files_are_written_below_the_folder_alone);
    return unit_run("bundle", tests);
}
