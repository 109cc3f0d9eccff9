/* Addresses as values, and the table of looked-up names. */
#include "shim/address.h"
#include "shim/lookups.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

static struct address address_of(const char *text)
{
    struct address address;
    uint8_t bytes[16];
    const int family = strchr(text, ':') ? AF_INET6 : AF_INET;
    ck_assert_int_eq(inet_pton(family, text, bytes), 1);
    ck_assert(address_from_bytes(&address, family, bytes));
    return address;
}

enum { NAMES = 200 /* that any address here has */ };

/* The names of an address, each with a space behind it */
static const char *names_of(const char *text)
{
    static char names[NAMES * (NAME_SIZE + 1)];
    char name[NAME_SIZE];
    const struct address address = address_of(text);
    size_t place = 0;
    names[0] = '\0';
    for (int i = 0; lookups_next(&address, &place, name); i++) {
        ck_assert_int_lt(i, NAMES);
        sprintf(names + strlen(names), "%s ", name);
    }
    return names;
}

static void remember(const char *name, const char *text)
{
    const struct address address = address_of(text);
    lookups_remember(name, &address);
}

START_TEST(an_address_is_spelt_as_a_policy_spells_it)
{
    static const char *const spellings[][2] = {
        {"192.0.2.7", "192.0.2.7"},       {"::ffff:192.0.2.7", "192.0.2.7"},
        {"2001:DB8:0::1", "2001:db8::1"}, {"::1", "::1"},
        {"0.0.0.0", "0.0.0.0"},           {"255.255.255.255", "255.255.255.255"},
    };
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
        const struct address address = address_of(spellings[i][0]);
        char name[NAME_SIZE], normal[NAME_SIZE];
        address_format(&address, name);
        ck_assert_str_eq(name, spellings[i][1]);
        ck_assert(name_normalise(name, strlen(name), normal));
        ck_assert_str_eq(name, normal);
    }
}
END_TEST

START_TEST(an_address_comes_from_a_socket_of_either_family)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_port = htons(443)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_port = htons(8443)};
    const struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/run/somewhere"};
    struct address first, second;
    unsigned port;
    inet_pton(AF_INET, "192.0.2.7", &ipv4.sin_addr);
    inet_pton(AF_INET6, "::ffff:192.0.2.7", &ipv6.sin6_addr);
    ck_assert(address_from_socket(&first, &port, &ipv4));
    ck_assert_uint_eq(port, 443);
    ck_assert(address_from_socket(&second, &port, &ipv6));
    ck_assert_uint_eq(port, 8443);
    ck_assert(address_equal(&first, &second));
    ck_assert(!address_from_socket(&first, &port, &local));
}
END_TEST

START_TEST(a_look_up_names_its_addresses)
{
    remember("One.Example.", "192.0.2.1");
    remember("one.example", "2001:db8::1");
    remember("two.example", "192.0.2.2");
    ck_assert_str_eq(names_of("192.0.2.1"), "one.example ");
    ck_assert_str_eq(names_of("::ffff:192.0.2.1"), "one.example ");
    ck_assert_str_eq(names_of("2001:db8::1"), "one.example ");
    ck_assert_str_eq(names_of("192.0.2.2"), "two.example ");
    ck_assert_str_eq(names_of("192.0.2.3"), "");
}
END_TEST

START_TEST(every_name_of_an_address_is_kept_once)
{
    for (int i = 0; i < 3; i++) {
        remember("one.example", "192.0.2.1");
        remember("two.example", "192.0.2.1");
    }
    ck_assert_str_eq(names_of("192.0.2.1"), "one.example two.example ");
}
END_TEST

START_TEST(an_address_looked_up_is_no_name)
{
    static const char *const spellings[] = {"192.0.2.1", "127.1", "0x7f000001", "2130706433", "::1", "[::1]"};
    for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++)
        remember(spellings[i], "192.0.2.1");
    remember(NULL, "192.0.2.1");
    remember("", "192.0.2.1");
    remember("no name", "192.0.2.1");
    ck_assert_str_eq(names_of("192.0.2.1"), "");
}
END_TEST

START_TEST(of_many_names_the_latest_are_kept)
{
    char name[32], text[32];
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "h%d.example", i);
        snprintf(text, sizeof text, "192.0.2.%d", i / 100);
        remember(name, text);
        if (i % 100 == 0)
            remember("often.example", text);
    }
    const char *names = names_of("192.0.2.9");
    ck_assert_ptr_nonnull(strstr(names, "h900.example "));
    ck_assert_ptr_nonnull(strstr(names, "h999.example "));
    ck_assert_str_eq(names_of("192.0.2.3"), "often.example ");
}
END_TEST

/* Nobody who answers one look-up makes another one's name, or its own, forgotten. */
START_TEST(an_answer_of_thousands_of_addresses_is_kept_whole)
{
    char text[32];
    remember("one.example", "192.0.2.1");
    for (int i = 0; i < 4000; i++) {
        snprintf(text, sizeof text, "10.0.%d.%d", i >> 8, i & 255);
        remember("two.example", text);
    }
    for (int i = 0; i < 4000; i++) {
        snprintf(text, sizeof text, "10.0.%d.%d", i >> 8, i & 255);
        ck_assert_str_eq(names_of(text), "two.example ");
    }
    ck_assert_ptr_nonnull(strstr(names_of("192.0.2.1"), "one.example "));
}
END_TEST

/* A long-lived program's, of a name whose answers change. */
START_TEST(a_hundred_addresses_of_a_name_are_no_others)
{
    char text[32];
    int wrong = 0;
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "10.0.0.%d", i);
        remember("one.example", text);
    }
    for (int i = 0; i < 10000; i++) {
        snprintf(text, sizeof text, "172.16.%d.%d", i >> 8, i & 255);
        wrong += names_of(text)[0] != '\0';
    }
    ck_assert_int_lt(wrong, 20);
}
END_TEST

START_TEST(a_hundred_thousand_look_ups_stay_in_bounds)
{
    char name[32], text[32];
    for (int i = 0; i < 100000; i++) {
        snprintf(name, sizeof name, "h%d.example", i);
        snprintf(text, sizeof text, "10.%d.%d.%d", i >> 16, i >> 8 & 255, i & 255);
        remember(name, text);
    }
    ck_assert_str_eq(names_of(text), "h99999.example ");
}
END_TEST

enum { THREADS = 8, LOOK_UPS = 500 };

/* Of one address, so that all meet in one place; a name that is found is one of those, and whole. */
static void *look_up(void *argument)
{
    const struct address address = address_of("192.0.2.77");
    for (int i = 0; i < LOOK_UPS; i++) {
        char name[NAME_SIZE];
        size_t place = 0;
        lookups_remember(argument, &address);
        while (lookups_next(&address, &place, name))
            if (strcmp(strchr(name, '.'), ".threads.example") != 0)
                return argument;
    }
    return NULL;
}

START_TEST(threads_look_up_together)
{
    static char names[THREADS][32];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        snprintf(names[i], sizeof names[i], "h%d.threads.example", i);
        ck_assert_int_eq(pthread_create(&threads[i], NULL, look_up, names[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
        ck_assert_ptr_null(failed);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("lookups");
    tcase_add_test(tests, an_address_is_spelt_as_a_policy_spells_it);
    tcase_add_test(tests, an_address_comes_from_a_socket_of_either_family);
    tcase_add_test(tests, a_look_up_names_its_addresses);
    tcase_add_test(tests, every_name_of_an_address_is_kept_once);
    tcase_add_test(tests, an_address_looked_up_is_no_name);
    tcase_add_test(tests, of_many_names_the_latest_are_kept);
    tcase_add_test(tests, an_answer_of_thousands_of_addresses_is_kept_whole);
    tcase_add_test(tests, a_hundred_addresses_of_a_name_are_no_others);
    tcase_add_test(tests, a_hundred_thousand_look_ups_stay_in_bounds);
    tcase_add_test(tests, threads_look_up_together);
    return unit_run("lookups", tests);
}
