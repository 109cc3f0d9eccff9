/* What a policy says about a host, from the text of the files to the rule that a handshake is judged by. */
#include "tests/unit/rules.h"
#include "tests/unit/unit.h"

/* Services and the switch. */

static const struct {
    const char *mode, *service;
    bool validate, pinned;
} switches[] = {
    {"off", "enrollment", false, true},
    {"off", "cloud", false, false},
    {"off", "cloud", true, false},
    {"off", "custom", false, true},
    {"all-devices", "enrollment", false, true},
    {"all-devices", "cloud", false, true},
    {"all-devices", "custom", false, true},
    {"specific-groups", "enrollment", false, true},
    {"specific-groups", "cloud", false, false},
    {"specific-groups", "cloud", true, true},
    {"specific-groups", "custom", false, true},
};

START_TEST(the_switch_decides_for_cloud_alone)
{
    char text[512];
    struct rule rule;
    snprintf(text, sizeof text,
             "version = 1; ssl_certificate_pinning = \"%s\";\n"
             "domains = ( { name = \"a.test\"; service = \"%s\"; pins = [" PIN_B "]; } );\n",
             switches[_i].mode, switches[_i].service);
    load_text(text);
    ck_assert_int_eq(resolve("a.test", 0, switches[_i].validate, NOW, &rule), RULE_FOUND);
    ck_assert_int_eq(rule.pinned, switches[_i].pinned);
    ck_assert_str_eq(service_name(rule.service), switches[_i].service);
}
END_TEST

START_TEST(cloud_is_the_default_and_all_devices)
{
    struct rule rule;
    load_domains("{ name = \"a.test\"; pins = [" PIN_B "]; }");
    ck_assert_int_eq(resolve("a.test", 0, false, NOW, &rule), RULE_FOUND);
    ck_assert(rule.pinned);
    ck_assert_int_eq(rule.service, SERVICE_CLOUD);
    expect_pins(&rule, (uint8_t[]){B, 0});
}
END_TEST

START_TEST(every_service_has_a_name)
{
    for (enum service s = 0; s < SERVICE_COUNT; s++)
        ck_assert_ptr_nonnull(service_name(s));
    ck_assert_ptr_null(service_name(SERVICE_COUNT));
    ck_assert_ptr_null(service_name((enum service) - 1));
}
END_TEST

/* Which entry covers a name. */

START_TEST(the_most_specific_entry_wins)
{
    load_domains("{ name = \"example.com\"; include_subdomains = true; pins = [" PIN_B "]; },"
                 "{ name = \"*.cdn.example.com\"; pins = [" PIN_C "]; },"
                 "{ name = \"a.cdn.example.com\"; pins = [" PIN_D "]; },"
                 "{ name = \"deep.example.com\"; include_subdomains = true; pins = [" PIN_D "]; },"
                 "{ name = \"*.deep.example.com\"; pins = [" PIN_C "]; },"
                 "{ name = \"alone.test\"; pins = [" PIN_B "]; },"
                 "{ name = \"*.star.test\"; pins = [" PIN_B "]; }");
    expect_entry("example.com", "example.com");
    expect_entry("www.example.com", "example.com");
    expect_entry("a.b.c.d.example.com", "example.com");
    expect_entry("cdn.example.com", "example.com");
    expect_entry("b.cdn.example.com", "*.cdn.example.com");
    expect_entry("a.cdn.example.com", "a.cdn.example.com");
    expect_entry("x.b.cdn.example.com", "example.com");
    expect_entry("x.a.cdn.example.com", "example.com");
    expect_entry("deep.example.com", "deep.example.com");
    expect_entry("x.deep.example.com", "*.deep.example.com");
    expect_entry("y.x.deep.example.com", "deep.example.com");
    expect_entry("alone.test", "alone.test");
    expect_entry("www.alone.test", NULL);
    expect_entry("star.test", NULL);
    expect_entry("a.star.test", "*.star.test");
    expect_entry("a.a.star.test", NULL);
    expect_entry("evilexample.com", NULL);
    expect_entry("example.com.evil.test", NULL);
    expect_entry("com", NULL);
    expect_entry("test", NULL);
}
END_TEST

START_TEST(an_exception_is_found_and_not_pinned)
{
    struct rule rule;
    load_domains("{ name = \"example.com\"; include_subdomains = true; pins = [" PIN_B "]; },"
                 "{ name = \"status.example.com\"; pinned = false; },"
                 "{ name = \"*.free.example.com\"; pinned = false; }");
    ck_assert_int_eq(resolve("status.example.com", 0, false, NOW, &rule), RULE_FOUND);
    ck_assert(!rule.pinned);
    ck_assert(!rule.expired_open);
    expect_pins(&rule, (uint8_t[]){0});
    ck_assert_int_eq(resolve("a.free.example.com", 0, false, NOW, &rule), RULE_FOUND);
    ck_assert(!rule.pinned);
    ck_assert_int_eq(resolve("a.status.example.com", 0, false, NOW, &rule), RULE_FOUND);
    ck_assert(rule.pinned);
}
END_TEST

START_TEST(a_name_may_have_an_entry_and_a_wildcard)
{
    load_domains("{ name = \"example.com\"; pins = [" PIN_B "]; },"
                 "{ name = \"*.example.com\"; pins = [" PIN_C "]; }");
    struct rule rule;
    ck_assert_int_eq(resolve("example.com", 0, false, NOW, &rule), RULE_FOUND);
    expect_pins(&rule, (uint8_t[]){B, 0});
    ck_assert_int_eq(resolve("a.example.com", 0, false, NOW, &rule), RULE_FOUND);
    expect_pins(&rule, (uint8_t[]){C, 0});
}
END_TEST

START_TEST(an_address_is_an_exact_name)
{
    load_domains("{ name = \"192.0.2.7\"; pins = [" PIN_B "]; },"
                 "{ name = \"2001:DB8:0::1\"; pins = [" PIN_C "]; },"
                 "{ name = \"[2001:db8::2]\"; pins = [" PIN_D "]; }");
    expect_entry("192.0.2.7", "192.0.2.7");
    expect_entry("2001:db8::1", "2001:db8::1");
    expect_entry("2001:db8::2", "2001:db8::2");
    expect_entry("2001:db8::3", NULL);
    expect_entry("10.192.0.2.7", NULL);
    expect_entry("0.2.7", NULL);
}
END_TEST

START_TEST(names_are_found_in_whatever_case_the_policy_spells_them)
{
    load_domains("{ name = \"WWW.Example.COM.\"; pins = [" PIN_B "]; }");
    expect_entry("www.example.com", "www.example.com");
}
END_TEST

START_TEST(the_longest_name_is_found)
{
    char domains[512], name[NAME_SIZE], spelt[NAME_SIZE + 2];
    for (size_t i = 0; i < NAME_MAX_LENGTH; i++)
        name[i] = i % 50 == 49 ? '.' : 'a';
    name[NAME_MAX_LENGTH] = '\0';
    snprintf(domains, sizeof domains, "{ name = \"*.%s\"; pins = [" PIN_B "]; }", name + 50);
    load_domains(domains);
    snprintf(spelt, sizeof spelt, "*.%s", name + 50);
    expect_entry(name, spelt);
}
END_TEST

START_TEST(the_pins_are_copied_up_to_the_capacity)
{
    struct rule rule;
    struct pin pins[2];
    load_domains("{ name = \"a.test\"; pins = [" PIN_B ", " PIN_C ", " PIN_B ", " PIN_D "]; }");
    ck_assert_int_eq(resolve("a.test", 0, false, NOW, &rule), RULE_FOUND);
    expect_pins(&rule, (uint8_t[]){B, C, D, 0});
    ck_assert_uint_eq(rule_pins(&rule, pins, 2), 2);
    ck_assert_uint_eq(pins[1].sha256[0], C);
}
END_TEST

static void count_entry(const struct rule_entry *entry, void *count)
{
    (void)entry;
    ++*(size_t *)count;
}

/* Whoever visits it would look beyond the personas that there are. */
START_TEST(an_entry_of_a_persona_that_there_is_not_is_damage)
{
    struct rule rule;
    size_t count = 0;
    load_personas("{ name = \"b.a.test\"; pins = [" PIN_B "]; }",
                  "persona = { name = \"A\"; domains = ( { name = \"a.test\"; service = \"email\";"
                  " include_subdomains = true; pins = [" PIN_C "]; } ); };",
                  NULL);
    ck_assert(rule_each_entry(&image, "b.a.test", count_entry, &count));
    ck_assert_uint_eq(count, 2);
    image.header.persona_count = 0;
    ck_assert_int_eq(resolve("a.test", 1, false, NOW, &rule), RULE_DAMAGED);
    ck_assert(!rule_each_entry(&image, "b.a.test", count_entry, &count));
    ck_assert_uint_eq(count, 3);
}
END_TEST

START_TEST(a_name_that_is_none_is_damage_not_absence)
{
    char name[300];
    struct rule rule;
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    load_domains("{ name = \"a.test\"; pins = [" PIN_B "]; }");
    ck_assert_int_eq(resolve(name, 0, false, NOW, &rule), RULE_DAMAGED);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_loop_test(tests, the_switch_decides_for_cloud_alone, 0,
                        (int)(sizeof switches / sizeof *switches));
    tcase_add_test(tests, cloud_is_the_default_and_all_devices);
    tcase_add_test(tests, every_service_has_a_name);
    tcase_add_test(tests, the_most_specific_entry_wins);
    tcase_add_test(tests, an_exception_is_found_and_not_pinned);
    tcase_add_test(tests, a_name_may_have_an_entry_and_a_wildcard);
    tcase_add_test(tests, an_address_is_an_exact_name);
    tcase_add_test(tests, names_are_found_in_whatever_case_the_policy_spells_them);
    tcase_add_test(tests, the_longest_name_is_found);
    tcase_add_test(tests, the_pins_are_copied_up_to_the_capacity);
    tcase_add_test(tests, an_entry_of_a_persona_that_there_is_not_is_damage);
    tcase_add_test(tests, a_name_that_is_none_is_damage_not_absence);
}

int main(void)
{
    TCase *tests = tcase_create("rule");
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    add_tests(tests);
    return unit_run("rule", tests);
}
