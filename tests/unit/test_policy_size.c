/* Policies that are too large to keep as files, and what can't be read or written. */
#include "config/image.h"
#include "config/rule.h"
#include "tests/unit/told.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIN "\"sha256//AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\""

static char path[] = "/tmp/pinshim-policy-XXXXXX";

static FILE *start_policy(void)
{
    const int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    return fdopen(fd, "w");
}

/* The policy's lines; the file is removed. */
static char *end_policy(FILE *file, int image_fd, size_t *errors)
{
    ck_assert_int_eq(fclose(file), 0);
    char *text = told(path, POLICY_TO_OBEY, image_fd, errors);
    unlink(path);
    return text;
}

static void check_lines(char *text, const char *format, int first, int last)
{
    char *rest = text;
    for (int i = first; i <= last; i++) {
        char expected[256];
        char *line = strsep(&rest, "\n");
        ck_assert_ptr_nonnull(rest);
        snprintf(expected, sizeof expected, format, path, i + 3, i);
        ck_assert_str_eq(line, expected);
    }
    ck_assert_str_eq(rest, "");
    free(text);
}

START_TEST(a_hundred_errors_are_a_hundred_lines)
{
    size_t errors;
    FILE *file = start_policy();
    fputs("version = 1;\ndomains = (\n", file);
    for (int i = 0; i < 100; i++)
        fprintf(file, "%s{ name = \"a%d.test\"; pins = [\"sha256//x\"]; }", i ? ",\n" : "", i);
    fputs("\n);\n", file);
    char *text = end_policy(file, -1, &errors);
    ck_assert_uint_eq(errors, 100);
    check_lines(text,
                "%s:%d: error: domains[%d].pins[0]: \"sha256//x\" is no pin: expected sha256//, sha256/ or "
                "pin-sha256=, then the 44 characters of a SHA-256 digest in base64",
                0, 99);
}
END_TEST

START_TEST(a_defect_that_many_entries_have_is_summed_up)
{
    enum { COUNT = 5000, TOLD = 10 };
    size_t errors, lines = 0;
    char expected[256];
    FILE *file = start_policy();
    fputs("version = 1;\ndomains = (\n", file);
    for (int i = 0; i < COUNT; i++)
        fprintf(file, "{ name = \"a%d.test\"; pins = [" PIN "]; }%s", i, i < COUNT - 1 ? ",\n" : "\n");
    fputs(");\n", file);
    ck_assert_int_eq(fclose(file), 0);
    char *text = told(path, POLICY_TO_CHECK, -1, &errors);
    unlink(path);
    ck_assert_uint_eq(errors, 0);
    for (const char *c = text; *c; c++)
        lines += *c == '\n';
    ck_assert_uint_eq(lines, TOLD + 1);
    snprintf(expected, sizeof expected, "%s: warning: %d entries more have a single pin\n", path,
             COUNT - TOLD);
    ck_assert_ptr_nonnull(strstr(text, expected));
    free(text);
}
END_TEST

/* Wherever a long list is parted: the line and the index are those of the file. */
START_TEST(an_error_far_down_a_long_list_is_told_where_it_is)
{
    enum { COUNT = 10000, FIRST_BAD = 9990 };
    size_t errors;
    FILE *file = start_policy();
    fputs("version = 1;\ndomains = (\n", file);
    for (int i = 0; i < COUNT; i++)
        fprintf(file, "{ name = \"%s%d.test\"; pinned = false; }%s", i < FIRST_BAD ? "a" : "a..", i,
                i < COUNT - 1 ? ",\n" : "\n");
    fputs("); colour = 1;\n", file);
    char *text = end_policy(file, -1, &errors), *rest = text, expected[256];
    ck_assert_uint_eq(errors, COUNT - FIRST_BAD + 1);
    snprintf(expected, sizeof expected, "%s:%d: error: colour: unknown key", path, COUNT + 3);
    ck_assert_str_eq(strsep(&rest, "\n"), expected);
    for (int i = FIRST_BAD; i < COUNT; i++) {
        snprintf(expected, sizeof expected, "%s:%d: error: domains[%d].name: \"a..%d.test\" is no host name",
                 path, i + 3, i, i);
        ck_assert_str_eq(strsep(&rest, "\n"), expected);
    }
    ck_assert_str_eq(rest, "");
    free(text);
}
END_TEST

START_TEST(a_syntax_error_far_down_a_long_list_is_told_where_it_is)
{
    enum { COUNT = 10000 };
    size_t errors;
    char expected[256];
    FILE *file = start_policy();
    fputs("version = 1;\ndomains = (\n", file);
    for (int i = 0; i < COUNT; i++)
        fprintf(file, "{ name = \"a%d.test\"; pinned %s false; },\n", i, i == COUNT - 2 ? "" : "=");
    fputs("{ name = \"b.test\"; pinned = false; });\n", file);
    char *text = end_policy(file, -1, &errors);
    snprintf(expected, sizeof expected, "%s:%d: error: syntax error\n", path, COUNT + 1);
    ck_assert_str_eq(text, expected);
    free(text);
}
END_TEST

START_TEST(the_same_name_far_apart_is_found)
{
    enum { COUNT = 10000 };
    size_t errors;
    char expected[256];
    FILE *file = start_policy();
    fputs("version = 1;\ndomains = (\n", file);
    for (int i = 0; i < COUNT; i++)
        fprintf(file, "{ name = \"a%d.test\"; pinned = false; },\n", i);
    fputs("{ name = \"A5000.TEST.\"; pinned = false; });\n", file);
    char *text = end_policy(file, -1, &errors);
    snprintf(expected, sizeof expected,
             "%s:%d: error: domains[%d]: \"a5000.test\" stands twice: first in line 5003\n", path, COUNT + 3,
             COUNT);
    ck_assert_str_eq(text, expected);
    free(text);
}
END_TEST

/* 10 MB and more: every name is there, and no other. */
START_TEST(a_large_policy_is_compiled_whole)
{
    enum { COUNT = 110000 };
    size_t errors;
    struct image image;
    struct rule rule;
    const struct applied_personas nobody = {0};
    const int fd = memfd_create("image", MFD_CLOEXEC);
    FILE *file = start_policy();
    fputs("version = 1;\ndomains = (\n", file);
    for (int i = 0; i < COUNT; i++)
        fprintf(file, "%s{ name = \"host-%d.of-a-large.test\"; pins = [" PIN "]; }", i ? ",\n" : "", i);
    fputs("\n);\n", file);
    ck_assert_int_gt(ftell(file), 10000000);
    char *text = end_policy(file, fd, &errors);
    ck_assert_str_eq(text, "");
    free(text);
    ck_assert_int_eq(image_open(&image, fd), IMAGE_OK);
    ck_assert_int_eq(image_verify(&image), IMAGE_OK);
    close(fd);
    for (int i = -1; i <= COUNT; i++) {
        char name[64];
        snprintf(name, sizeof name, "host-%d.of-a-large.test", i);
        ck_assert_int_eq(rule_resolve(&image, &nobody, name, 0, &rule),
                         i >= 0 && i < COUNT ? RULE_FOUND : RULE_NONE);
    }
    image_close(&image);
}
END_TEST

static const struct {
    const char *name;
    bool is_address;
} spellings[] = {
    {"192.0.2.7", true},
    {"[2001:DB8::1]", true},
    {"192-0-2-7.test", false},
    {"192.0.2.test", false},
};

START_TEST(an_image_tells_that_it_has_no_addresses)
{
    size_t errors;
    struct image image;
    const int fd = memfd_create("image", MFD_CLOEXEC);
    FILE *file = start_policy();
    fprintf(file,
            "version = 1;\ndomains = ( { name = \"first.test\"; pins = [" PIN "]; },\n"
            "{ name = \"%s\"; pins = [" PIN "]; }, { name = \"*.last.test\"; pins = [" PIN "]; } );\n",
            spellings[_i].name);
    free(end_policy(file, fd, &errors));
    ck_assert_uint_eq(errors, 0);
    ck_assert_int_eq(image_open(&image, fd), IMAGE_OK);
    close(fd);
    ck_assert_int_eq(image.header.no_addresses, !spellings[_i].is_address);
    image_close(&image);
}
END_TEST

START_TEST(an_entry_holds_many_pins_but_not_any_number)
{
    size_t errors;
    char expected[256];
    FILE *file = start_policy();
    fputs("version = 1;\ndomains = ( { name = \"a.test\"; pins = [\n", file);
    for (int i = 0; i < 30000; i++)
        fprintf(file, "%s\"sha256//%05dAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"", i ? ",\n" : "", i);
    fputs("\n]; } );\n", file);
    char *text = end_policy(file, -1, &errors);
    snprintf(expected, sizeof expected,
             "%s:10003: error: domains[0].pins[10000]: more than 10000 pins, or out of memory\n", path);
    ck_assert_str_eq(text, expected);
    free(text);
}
END_TEST

START_TEST(nesting_without_end_is_refused)
{
    size_t errors;
    char expected[256];
    FILE *file = start_policy();
    fputs("version = 1;\nx = ", file);
    for (int i = 0; i < 1000000; i++)
        fputs("(\n", file);
    char *text = end_policy(file, -1, &errors);
    snprintf(expected, sizeof expected, "%s:34: error: nested too deeply\n", path);
    ck_assert_str_eq(text, expected);
    free(text);
}
END_TEST

START_TEST(what_is_no_readable_file_is_told)
{
    size_t errors;
    char *text = told("/nowhere/pinshim.conf", POLICY_TO_OBEY, -1, &errors);
    ck_assert_str_eq(text, "/nowhere/pinshim.conf: error: can't be read: No such file or directory\n");
    free(text);
    text = told("/tmp", POLICY_TO_OBEY, -1, &errors);
    ck_assert_str_eq(text, "/tmp: error: can't be read: Is a directory\n");
    free(text);
    text = told("/dev/zero", POLICY_TO_OBEY, -1, &errors);
    ck_assert_uint_eq(errors, 1);
    free(text);
}
END_TEST

START_TEST(an_image_that_cant_be_written_is_told)
{
    size_t errors;
    FILE *file = start_policy();
    fputs("version = 1;\n", file);
    char *text = end_policy(file, 1000, &errors), expected[256];
    snprintf(expected, sizeof expected, "%s: error: the image can't be written (full disk, or over 4 GB)\n",
             path);
    ck_assert_str_eq(text, expected);
    free(text);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, a_hundred_errors_are_a_hundred_lines);
    tcase_add_test(tests, a_defect_that_many_entries_have_is_summed_up);
    tcase_add_test(tests, an_error_far_down_a_long_list_is_told_where_it_is);
    tcase_add_test(tests, a_syntax_error_far_down_a_long_list_is_told_where_it_is);
    tcase_add_test(tests, the_same_name_far_apart_is_found);
    tcase_add_test(tests, a_large_policy_is_compiled_whole);
    tcase_add_loop_test(tests, an_image_tells_that_it_has_no_addresses, 0,
                        (int)(sizeof spellings / sizeof *spellings));
    tcase_add_test(tests, an_entry_holds_many_pins_but_not_any_number);
    tcase_add_test(tests, nesting_without_end_is_refused);
    tcase_add_test(tests, what_is_no_readable_file_is_told);
    tcase_add_test(tests, an_image_that_cant_be_written_is_told);
}

int main(void)
{
    TCase *tests = tcase_create("policy_size");
    tcase_set_timeout(tests, 120);
    add_tests(tests);
    return unit_run("policy_size", tests);
}
