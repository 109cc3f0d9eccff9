/* What a policy says about a host, from the text of the files to the rule that a handshake is judged by. */
#include "config/compile.h"
#include "config/rule.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Three pins that differ in their first byte: 4, 8 and 12. */
#define PIN(letter) "\"sha256//" letter "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""
#define PIN_B       PIN("B")
#define PIN_C       PIN("C")
#define PIN_D       PIN("D")

enum { B = 4, C = 8, D = 12, NOW = 1900000000 /* in March 2030 */ };

static char folder[] = "/tmp/pinshim-rule-XXXXXX";
static struct image image;

static void write_file(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static void make_folder(void)
{
    char path[256];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/persona.d", folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
}

static void remove_folder(void)
{
    static const char *const names[] = {"persona.d/a.conf", "persona.d/b.conf", "persona.d", "main.conf",
                                        "."};
    char path[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)remove(path);
    }
    (void)rmdir(folder);
}

/* Compiles the folder's policy to the image under test. */
static void load(void)
{
    char path[256];
    struct diagnostics diagnostics = {0};
    const int fd = memfd_create("image", MFD_CLOEXEC);
    snprintf(path, sizeof path, "%s/main.conf", folder);
    const bool compiled =
        policy_compile(&(struct compilation){.path = path, .image_fd = fd, .files_fd = -1}, &diagnostics);
    diagnostics_print(&diagnostics, stderr);
    diagnostics_free(&diagnostics);
    ck_assert(compiled);
    ck_assert_int_eq(image_open(&image, fd), IMAGE_OK);
    ck_assert_int_eq(image_verify(&image), IMAGE_OK);
    close(fd);
}

static void load_text(const char *text)
{
    write_file("main.conf", text);
    load();
}

static void load_domains(const char *domains)
{
    char text[4096];
    ck_assert_int_lt(snprintf(text, sizeof text, "version = 1;\ndomains = (%s);\n", domains), sizeof text);
    load_text(text);
}

/* `personas` as bits; B.. stand for their first bytes. */
static enum rule_status resolve(const char *name, uint8_t personas, bool validate, int64_t now,
                                struct rule *rule)
{
    static struct applied_personas applied; /* the rule views it */
    applied = (struct applied_personas){.bits = {personas}, .validate = validate};
    return rule_resolve(&image, &applied, name, now, rule);
}

/* By which entry a name is covered, NULL for none. */
static void expect_entry(const char *name, const char *entry)
{
    struct rule rule;
    const enum rule_status status = resolve(name, 0, false, NOW, &rule);
    ck_assert_msg(status == (entry ? RULE_FOUND : RULE_NONE), "%s: %d", name, status);
    if (entry)
        ck_assert_str_eq(rule.name, entry);
}

static struct pin pin_of(uint8_t first)
{
    return (struct pin){{first}};
}

/* The rule's pins are those of `firsts`, which ends in 0. */
static void expect_pins(const struct rule *rule, const uint8_t *firsts)
{
    static const uint8_t all[] = {B, C, D};
    struct pin pins[8];
    ck_assert_uint_eq(rule_pins(rule, pins, 8), strlen((const char *)firsts));
    for (size_t i = 0; i < sizeof all; i++) {
        const struct pin pin = pin_of(all[i]);
        ck_assert_int_eq(rule_holds_pin(rule, &pin), strchr((const char *)firsts, all[i]) != NULL);
    }
}

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

/* Personas. */

static void load_personas(const char *main_domains, const char *a, const char *b)
{
    write_file("persona.d/a.conf", a);
    if (b)
        write_file("persona.d/b.conf", b);
    load_domains(main_domains);
}

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
