/* Host names and addresses: which are one and the same, and which are none. */
#include "config/name.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT(literal) literal, sizeof(literal) - 1
#define LABEL_63      "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff123"

static const struct {
    const char *text;
    size_t length;
    const char *name; /* NULL: no host name */
} rows[] = {
    {TEXT("example.com"), "example.com"},
    {TEXT("EXAMPLE.Com"), "example.com"},
    {TEXT("example.com."), "example.com"},
    {TEXT("example.com.."), NULL},
    {TEXT(".example.com"), NULL},
    {TEXT("example..com"), NULL},
    {TEXT("."), NULL},
    {TEXT(".."), NULL},
    {TEXT(""), NULL},
    {TEXT("localhost"), "localhost"},
    {TEXT("com"), "com"},
    {TEXT("evilexample.com"), "evilexample.com"},
    {TEXT("example.com.evil.test"), "example.com.evil.test"},
    {TEXT("_dmarc.Example.com"), "_dmarc.example.com"},
    {TEXT("a_b.example.com"), "a_b.example.com"},
    {TEXT("-a-.example.com"), "-a-.example.com"},
    {TEXT("xn--bcher-kva.example"), "xn--bcher-kva.example"},
    {TEXT("XN--BCHER-KVA.example"), "xn--bcher-kva.example"},
    {TEXT("b\xc3\xbc"
          "cher.example"),
     NULL},
    {TEXT("b\xfc"
          "cher.example"),
     NULL},
    /* The ideographic full stop and the Kelvin sign, which some libraries fold to '.' and 'k'. */
    {TEXT("example\xe3\x80\x82"
          "com"),
     NULL},
    {TEXT("\xe2\x84\xaa"
          ".example"),
     NULL},
    {TEXT("*.example.com"), NULL},
    {TEXT("*"), NULL},
    {TEXT("a*.example.com"), NULL},
    {TEXT("exa mple.com"), NULL},
    {TEXT(" example.com"), NULL},
    {TEXT("example.com "), NULL},
    {TEXT("example.com\n"), NULL},
    {TEXT("example.com/"), NULL},
    {TEXT("user@example.com"), NULL},
    {TEXT("example.com:443"), NULL},
    {TEXT("example.com\0"), NULL},
    {TEXT("example.com\0.evil.test"), NULL},
    {TEXT("\0"), NULL},
    {TEXT("example.com%00"), NULL},
    /* Lengths. */
    {TEXT(LABEL_63 ".test"), LABEL_63 ".test"},
    {TEXT(LABEL_63 "4.test"), NULL},
    {TEXT("test." LABEL_63), "test." LABEL_63},
    {TEXT("test." LABEL_63 "4"), NULL},
    /* IPv4. What isn't four plain decimal numbers is a name like any other. */
    {TEXT("192.0.2.7"), "192.0.2.7"},
    {TEXT("192.0.2.7."), "192.0.2.7"},
    {TEXT("0.0.0.0"), "0.0.0.0"},
    {TEXT("255.255.255.255"), "255.255.255.255"},
    {TEXT("[192.0.2.7]"), NULL},
    {TEXT("192.0.2.7:443"), NULL},
    /* IPv6. */
    {TEXT("2001:db8::1"), "2001:db8::1"},
    {TEXT("2001:DB8:0:0:0:0:0:1"), "2001:db8::1"},
    {TEXT("2001:0db8:0000:0000:0000:0000:0000:0001"), "2001:db8::1"},
    {TEXT("[2001:db8::1]"), "2001:db8::1"},
    {TEXT("::"), "::"},
    {TEXT("[::]"), "::"},
    {TEXT("::1"), "::1"},
    {TEXT("::ffff:192.0.2.7"), "::ffff:192.0.2.7"},
    {TEXT("::FFFF:c000:207"), "::ffff:192.0.2.7"},
    {TEXT("2001:db8::192.0.2.7"), "2001:db8::c000:207"},
    {TEXT("[2001:db8::1"), NULL},
    {TEXT("2001:db8::1]"), NULL},
    {TEXT("[[2001:db8::1]]"), NULL},
    {TEXT("[]"), NULL},
    {TEXT("["), NULL},
    {TEXT("]"), NULL},
    {TEXT(":"), NULL},
    {TEXT(":::"), NULL},
    {TEXT("2001:db8::1."), NULL},
    {TEXT("2001:db8::1::2"), NULL},
    {TEXT("fe80::1%eth0"), NULL},
    {TEXT("[fe80::1%25eth0]"), NULL},
    {TEXT("[2001:db8::1]:443"), NULL},
    {TEXT("2001:db8::12345"), NULL},
    {TEXT("1:2:3:4:5:6:7:8:9"), NULL},
    {TEXT("2001:db8::1\0"), NULL},
    {TEXT("2001:db8::1\0.evil.test"), NULL},
    {TEXT("[2001:db8::1\0]"), NULL},
    {TEXT(":0000000000000000000000000000000000000000000000000000000000000000"), NULL},
};

START_TEST(a_name_has_one_spelling)
{
    char name[NAME_SIZE];
    const bool valid = name_normalise(rows[_i].text, rows[_i].length, name);
    ck_assert_msg(valid == (rows[_i].name != NULL), "\"%s\"", rows[_i].text);
    if (valid) {
        ck_assert_str_eq(name, rows[_i].name);
        char again[NAME_SIZE];
        ck_assert(name_normalise(name, strlen(name), again));
        ck_assert_str_eq(again, name);
    }
}
END_TEST

START_TEST(a_name_needs_no_nul_behind_it)
{
    char name[NAME_SIZE], *text = malloc(3);
    memcpy(text, "A.b", 3);
    ck_assert(name_normalise(text, 3, name));
    ck_assert_str_eq(name, "a.b");
    free(text);
}
END_TEST

START_TEST(a_name_has_253_characters_at_most)
{
    char text[300], name[NAME_SIZE];
    for (size_t length = 250; length < 290; length++) {
        for (size_t i = 0; i < length; i++)
            text[i] = i % 50 == 49 ? '.' : 'a';
        text[length - 1] = 'a';
        ck_assert_msg(name_normalise(text, length, name) == (length <= 253), "%zu", length);
        text[length - 1] = '.'; /* which isn't part of it */
        text[length - 2] = 'a';
        ck_assert_msg(name_normalise(text, length, name) == (length <= 254), "%zu and a dot", length);
    }
}
END_TEST

START_TEST(every_byte_that_is_no_host_names_is_refused)
{
    for (int byte = 0; byte < 256; byte++) {
        const bool allowed = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
                             (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '_' || byte == '.';
        char text[] = "ab?cd.example", name[NAME_SIZE];
        text[2] = (char)byte;
        ck_assert_msg(name_normalise(text, sizeof text - 1, name) == allowed, "byte %d", byte);
    }
}
END_TEST

static const struct {
    const char *name;
    bool is_ip;
    const char *parent;
} parents[] = {
    {"a.b.c", false, "b.c"},
    {"b.c", false, "c"},
    {"c", false, NULL},
    {"evilexample.com", false, "com"},
    {"192.0.2.7", true, NULL},
    {"255.255.255.255", true, NULL},
    {"2001:db8::1", true, NULL},
    {"::", true, NULL},
    {"::ffff:192.0.2.7", true, NULL},
    {"abcd:12::", true, NULL},
    {"192.0.2", false, "0.2"},
    {"192.0.2.256", false, "0.2.256"},
    {"192.0.2.07", false, "0.2.07"},
    {"192.0.2.7.1", false, "0.2.7.1"},
    {"192.0.2.a", false, "0.2.a"},
    {"192.0.2.7a", false, "0.2.7a"},
    {"0192.0.2.7", false, "0.2.7"},
    {"1.2.3.4.in-addr.arpa", false, "2.3.4.in-addr.arpa"},
};

START_TEST(an_address_has_no_parent)
{
    const char *parent = name_parent(parents[_i].name);
    ck_assert_msg(name_is_ip(parents[_i].name) == parents[_i].is_ip, "%s", parents[_i].name);
    if (parents[_i].parent)
        ck_assert_str_eq(parent, parents[_i].parent);
    else
        ck_assert_ptr_null(parent);
}
END_TEST

/* Groups that are zero, small or large, so that runs of every length and place occur. */
START_TEST(an_address_is_spelt_as_inet_ntop_spells_it)
{
    srand(1);
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[16];
        char name[NAME_SIZE], expected[INET6_ADDRSTRLEN], again[NAME_SIZE];
        for (int i = 0; i < 8; i++) {
            const int value = rand() % 3 == 0 ? rand() & 0xffff : rand() % 3 == 0 ? 0xffff : rand() % 4 == 0;
            bytes[2 * i] = (uint8_t)(value >> 8);
            bytes[2 * i + 1] = (uint8_t)value;
        }
        name_from_ipv6(bytes, name);
        ck_assert_str_eq(name, inet_ntop(AF_INET6, bytes, expected, sizeof expected));
        ck_assert(name_normalise(name, strlen(name), again));
        ck_assert_str_eq(name, again);
        name_from_ipv4(bytes, name);
        ck_assert_str_eq(name, inet_ntop(AF_INET, bytes, expected, sizeof expected));
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("name");
    tcase_add_loop_test(tests, a_name_has_one_spelling, 0, (int)(sizeof rows / sizeof *rows));
    tcase_add_test(tests, a_name_needs_no_nul_behind_it);
    tcase_add_test(tests, a_name_has_253_characters_at_most);
    tcase_add_test(tests, every_byte_that_is_no_host_names_is_refused);
    tcase_add_loop_test(tests, an_address_has_no_parent, 0, (int)(sizeof parents / sizeof *parents));
    tcase_add_test(tests, an_address_is_spelt_as_inet_ntop_spells_it);
    return unit_run("name", tests);
}
