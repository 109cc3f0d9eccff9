/* Pins: what is one, and how it is written. */
#include "config/pin.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of 32 bytes 0, 1, ..., 31. */
#define COUNTING "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static const struct {
    const char *text;
    bool valid;
} spellings[] = {
    {"sha256//" COUNTING, true},
    {"sha256/" COUNTING, true},
    {"pin-sha256=\"" COUNTING "\"", true},
    {"", false},
    {"sha256//", false},
    {"sha256/", false},
    {"pin-sha256=\"\"", false},
    {"pin-sha256=\"", false},
    {COUNTING, false},
    {"sha256" COUNTING, false},
    {"sha256:" COUNTING, false},
    {"sha1//" COUNTING, false},
    {"SHA256//" COUNTING, false},
    {"sha256///" COUNTING, false},
    {" sha256//" COUNTING, false},
    {"sha256//" COUNTING " ", false},
    {"sha256//" COUNTING "\n", false},
    {"sha256// " COUNTING, false},
    {"sha256//" COUNTING "\"", false},
    {"sha256//" COUNTING "=", false},
    {"sha256//" COUNTING ";sha256//" COUNTING, false},
    {"pin-sha256=" COUNTING, false},
    {"pin-sha256=\"" COUNTING, false},
    {"pin-sha256=\"" COUNTING "'", false},
    {"pin-sha256=\"" COUNTING "\";", false},
    {"Pin-SHA256=\"" COUNTING "\"", false},
    /* One character less, one more, 31 and 33 bytes. */
    {"sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", false},
    {"sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A", false},
    {"sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", false},
    {"sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g", false},
    /* SHA-1 and SHA-512 have other lengths. */
    {"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAA=", false},
    {"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
     false},
    /* Hexadecimal. */
    {"sha256//000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", false},
    /* Padding in the wrong place, none, or in the middle. */
    {"sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh==", false},
    {"sha256//=AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", false},
    {"sha256//AAECAwQFBgcICQoL=A0ODxAREhMUFRYXGBkaGxwdHh8=", false},
    /* The URL alphabet, white space, UTF-8. */
    {"sha256//-AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", false},
    {"sha256//_AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", false},
    {"sha256//AAECAwQFBgcICQoL\nA0ODxAREhMUFRYXGBkaGxwdHh8=", false},
    {"sha256//\xc3\xa4"
     "ECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
     false},
};

START_TEST(a_pin_has_three_spellings_and_no_other)
{
    struct pin counting, pin;
    for (uint8_t i = 0; i < PIN_SIZE; i++)
        counting.sha256[i] = i;
    ck_assert_msg(pin_parse(spellings[_i].text, &pin) == spellings[_i].valid, "%s", spellings[_i].text);
    if (spellings[_i].valid)
        ck_assert(pin_equal(&pin, &counting));
}
END_TEST

/* RFC 4648, 3.5: the bits that no byte needs are zero, so one digest has one spelling. */
START_TEST(only_canonical_base64_is_a_pin)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[] = "sha256//" COUNTING;
    struct pin pin;
    for (size_t i = 0; alphabet[i]; i++) {
        text[sizeof text - 3] = alphabet[i];
        ck_assert_msg(pin_parse(text, &pin) == (i % 4 == 0), "%s", text);
    }
}
END_TEST

START_TEST(every_other_byte_is_refused_in_every_place)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const size_t first = strlen("sha256//"), length = strlen("sha256//" COUNTING);
    for (size_t at = first; at < length; at++)
        for (int byte = 0; byte < 256; byte++) {
            char text[] = "sha256//" COUNTING;
            struct pin pin;
            text[at] = (char)byte;
            if (byte == 0 || (!strchr(alphabet, byte) && !(byte == '=' && at == length - 1)))
                ck_assert_msg(!pin_parse(text, &pin), "byte %d at %zu", byte, at);
        }
}
END_TEST

START_TEST(a_digest_may_begin_with_a_slash)
{
    struct pin pin;
    ck_assert(pin_parse("sha256//AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", &pin));
    ck_assert_uint_eq(pin.sha256[0], 0xfc);
    ck_assert(pin_parse("sha256///AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", &pin));
    ck_assert_uint_eq(pin.sha256[0], 0xfc);
}
END_TEST

START_TEST(a_pin_is_written_as_openssl_writes_base64_and_read_back)
{
    srand(1);
    for (int round = 0; round < 10000; round++) {
        struct pin pin, read;
        char text[PIN_TEXT_SIZE], expected[PIN_TEXT_SIZE] = "sha256//";
        for (int i = 0; i < PIN_SIZE; i++)
            pin.sha256[i] = (uint8_t)rand();
        EVP_EncodeBlock((unsigned char *)expected + strlen(expected), pin.sha256, PIN_SIZE);
        pin_format(&pin, text);
        ck_assert_str_eq(text, expected);
        ck_assert(pin_parse(text, &read));
        ck_assert(pin_equal(&pin, &read));
    }
}
END_TEST

START_TEST(pins_differ_in_any_bit)
{
    const struct pin pin = {{0}};
    ck_assert(pin_equal(&pin, &pin));
    for (int bit = 0; bit < PIN_SIZE * 8; bit++) {
        struct pin other = pin;
        other.sha256[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ck_assert(!pin_equal(&pin, &other));
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("pin");
    tcase_add_loop_test(tests, a_pin_has_three_spellings_and_no_other, 0,
                        (int)(sizeof spellings / sizeof *spellings));
    tcase_add_test(tests, only_canonical_base64_is_a_pin);
    tcase_add_test(tests, every_other_byte_is_refused_in_every_place);
    tcase_add_test(tests, a_digest_may_begin_with_a_slash);
    tcase_add_test(tests, a_pin_is_written_as_openssl_writes_base64_and_read_back);
    tcase_add_test(tests, pins_differ_in_any_bit);
    return unit_run("pin", tests);
}
