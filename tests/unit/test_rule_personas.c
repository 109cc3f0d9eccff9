/* What a policy with personas says about a host: merging, expiry, inspection. */
#include "tests/unit/rules.h"
#include "tests/unit/unit.h"

START_TEST(a_personas_entry_counts_where_the_persona_applies)
{
    struct rule rule;
    load_personas("{ name = \"example.com\"; include_subdomains = true; pins = [" PIN_B "]; }",
                  "persona = { name = \"A\"; domains = ( { name = \"mail.example.com\"; service = \"email\";"
                  " pins = [" PIN_C "]; } ); };",
                  NULL);
    ck_assert_int_eq(resolve("mail.example.com", 1, false, NOW, &rule), RULE_FOUND);
    ck_assert_str_eq(rule.name, "mail.example.com");
    ck_assert_int_eq(rule.service, SERVICE_EMAIL);
    expect_pins(&rule, (uint8_t[]){C, 0});
    ck_assert_int_eq(resolve("mail.example.com", 0, false, NOW, &rule), RULE_FOUND);
    ck_assert_str_eq(rule.name, "example.com");
    expect_pins(&rule, (uint8_t[]){B, 0});
}
END_TEST

START_TEST(a_personas_services_are_pinned_whatever_the_switch_says)
{
    static const char *const services[] = {"email", "gateway", "workplace"};
    char persona[512];
    struct rule rule;
    snprintf(persona, sizeof persona,
             "persona = { name = \"A\"; domains = ( { name = \"a.test\"; service = \"%s\"; pins = [" PIN_B
             "]; } ); };",
             services[_i]);
    write_file("persona.d/a.conf", persona);
    load_text("version = 1; ssl_certificate_pinning = \"off\";");
    ck_assert_int_eq(resolve("a.test", 1, false, NOW, &rule), RULE_FOUND);
    ck_assert(rule.pinned);
    ck_assert_int_eq(resolve("a.test", 0, false, NOW, &rule), RULE_NONE);
}
END_TEST

START_TEST(entries_of_one_name_merge_across_files)
{
    struct rule rule;
    load_personas("{ name = \"a.test\"; service = \"custom\"; pins = [" PIN_B "]; }",
                  "persona = { name = \"A\"; domains = ( { name = \"A.TEST.\"; service = \"email\";"
                  " pins = [" PIN_C "]; } ); };",
                  "persona = { name = \"B\"; domains = ( { name = \"a.test\"; service = \"gateway\";"
                  " pins = [" PIN_D "]; } ); };");
    ck_assert_int_eq(resolve("a.test", 0, false, NOW, &rule), RULE_FOUND);
    expect_pins(&rule, (uint8_t[]){B, 0});
    ck_assert_int_eq(resolve("a.test", 1, false, NOW, &rule), RULE_FOUND);
    expect_pins(&rule, (uint8_t[]){B, C, 0});
    ck_assert_int_eq(resolve("a.test", 2, false, NOW, &rule), RULE_FOUND);
    expect_pins(&rule, (uint8_t[]){B, D, 0});
    ck_assert_int_eq(resolve("a.test", 3, false, NOW, &rule), RULE_FOUND);
    expect_pins(&rule, (uint8_t[]){B, C, D, 0});
    ck_assert_int_eq(rule.service, SERVICE_CUSTOM);
    ck_assert(!rule.inspectable); /* custom's default forbids it to all */
}
END_TEST

START_TEST(pinned_wins_over_an_exception_of_another_file)
{
    struct rule rule;
    load_personas("{ name = \"a.test\"; pinned = false; }",
                  "persona = { name = \"A\"; domains = ( { name = \"a.test\"; service = \"email\";"
                  " pins = [" PIN_C "]; } ); };",
                  NULL);
    ck_assert_int_eq(resolve("a.test", 0, false, NOW, &rule), RULE_FOUND);
    ck_assert(!rule.pinned);
    ck_assert_int_eq(resolve("a.test", 1, false, NOW, &rule), RULE_FOUND);
    ck_assert(rule.pinned);
    ck_assert_int_eq(rule.service, SERVICE_EMAIL);
    expect_pins(&rule, (uint8_t[]){C, 0});
}
END_TEST

/* Merging is by name: a wildcard of one file doesn't mix with the subdomains of another. */
START_TEST(only_entries_that_cover_alike_merge)
{
    struct rule rule;
    load_personas("{ name = \"example.com\"; include_subdomains = true; pins = [" PIN_B "]; }",
                  "persona = { name = \"A\"; domains = ( { name = \"*.example.com\"; service = \"email\";"
                  " pins = [" PIN_C "]; } ); };",
                  NULL);
    ck_assert_int_eq(resolve("a.example.com", 1, false, NOW, &rule), RULE_FOUND);
    ck_assert_str_eq(rule.name, "*.example.com");
    expect_pins(&rule, (uint8_t[]){C, 0});
    ck_assert_int_eq(resolve("a.example.com", 0, false, NOW, &rule), RULE_FOUND);
    ck_assert_str_eq(rule.name, "example.com");
    ck_assert_int_eq(resolve("b.a.example.com", 1, false, NOW, &rule), RULE_FOUND);
    expect_pins(&rule, (uint8_t[]){B, 0});
}
END_TEST

/* Expiry: 2030-01-01 00:00:00 UTC ends the 31st of December. */
enum { NEW_YEAR = 1893456000 };

START_TEST(pins_hold_through_the_day_they_expire)
{
    struct rule rule;
    load_domains("{ name = \"a.test\"; pins = [" PIN_B "];"
                 " expires = \"2029-12-31\"; on_expiry = \"open\"; }");
    ck_assert_int_eq(resolve("a.test", 0, false, NEW_YEAR - 1, &rule), RULE_FOUND);
    ck_assert(rule.pinned && !rule.expired_open);
    expect_pins(&rule, (uint8_t[]){B, 0});
    ck_assert_int_eq(resolve("a.test", 0, false, NEW_YEAR, &rule), RULE_FOUND);
    ck_assert(rule.pinned && rule.expired_open);
    expect_pins(&rule, (uint8_t[]){0});
}
END_TEST

START_TEST(expired_pins_are_enforced_by_default)
{
    static const char *const endings[] = {"", " on_expiry = \"enforce\";"};
    char domains[512];
    struct rule rule;
    snprintf(domains, sizeof domains,
             "{ name = \"a.test\"; pins = [" PIN_B "]; expires = \"2029-12-31\";%s }", endings[_i]);
    load_domains(domains);
    ck_assert_int_eq(resolve("a.test", 0, false, NEW_YEAR, &rule), RULE_FOUND);
    ck_assert(rule.pinned && !rule.expired_open);
    expect_pins(&rule, (uint8_t[]){B, 0});
}
END_TEST

START_TEST(one_live_entry_keeps_a_merged_rule_closed)
{
    struct rule rule;
    load_personas("{ name = \"a.test\"; pins = [" PIN_B
                  "]; expires = \"2029-12-31\"; on_expiry = \"open\"; }",
                  "persona = { name = \"A\"; domains = ( { name = \"a.test\"; service = \"email\";"
                  " pins = [" PIN_C "]; } ); };",
                  NULL);
    ck_assert_int_eq(resolve("a.test", 1, false, NEW_YEAR, &rule), RULE_FOUND);
    ck_assert(rule.pinned && !rule.expired_open);
    expect_pins(&rule, (uint8_t[]){C, 0}); /* the expired entry's no longer count */
    ck_assert_int_eq(resolve("a.test", 0, false, NEW_YEAR, &rule), RULE_FOUND);
    ck_assert(rule.expired_open);
}
END_TEST

/* SSL inspection. */

static const struct {
    const char *entry;
    bool inspectable;
} inspections[] = {
    {"service = \"enrollment\";", false}, {"service = \"enrollment\"; allow_ssl_inspection = false;", false},
    {"service = \"cloud\";", true},       {"service = \"cloud\"; allow_ssl_inspection = false;", false},
    {"service = \"custom\";", false},     {"service = \"custom\"; allow_ssl_inspection = true;", true},
};

START_TEST(inspection_is_the_services_default_or_what_the_entry_says)
{
    char domains[512];
    struct rule rule;
    snprintf(domains, sizeof domains, "{ name = \"a.test\"; pins = [" PIN_B "]; %s }", inspections[_i].entry);
    load_domains(domains);
    ck_assert_int_eq(resolve("a.test", 0, false, NOW, &rule), RULE_FOUND);
    ck_assert_int_eq(rule.inspectable, inspections[_i].inspectable);
}
END_TEST

START_TEST(a_personas_service_may_be_inspected_unless_it_says_no)
{
    static const char *const endings[] = {"", " allow_ssl_inspection = false;"};
    char persona[512];
    struct rule rule;
    snprintf(persona, sizeof persona,
             "persona = { name = \"A\"; domains = ( { name = \"a.test\"; service = \"email\"; pins = [" PIN_B
             "];%s } ); };",
             endings[_i]);
    load_personas("", persona, NULL);
    ck_assert_int_eq(resolve("a.test", 1, false, NOW, &rule), RULE_FOUND);
    ck_assert_int_eq(rule.inspectable, _i == 0);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, a_personas_entry_counts_where_the_persona_applies);
    tcase_add_loop_test(tests, a_personas_services_are_pinned_whatever_the_switch_says, 0, 3);
    tcase_add_test(tests, entries_of_one_name_merge_across_files);
    tcase_add_test(tests, pinned_wins_over_an_exception_of_another_file);
    tcase_add_test(tests, only_entries_that_cover_alike_merge);
    tcase_add_test(tests, pins_hold_through_the_day_they_expire);
    tcase_add_loop_test(tests, expired_pins_are_enforced_by_default, 0, 2);
    tcase_add_test(tests, one_live_entry_keeps_a_merged_rule_closed);
    tcase_add_loop_test(tests, inspection_is_the_services_default_or_what_the_entry_says, 0,
                        (int)(sizeof inspections / sizeof *inspections));
    tcase_add_loop_test(tests, a_personas_service_may_be_inspected_unless_it_says_no, 0, 2);
}

int main(void)
{
    TCase *tests = tcase_create("rule_personas");
    tcase_add_checked_fixture(tests, make_folder, remove_folder);
    add_tests(tests);
    return unit_run("rule_personas", tests);
}
