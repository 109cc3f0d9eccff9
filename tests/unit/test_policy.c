/* Every policy of tests/fixtures/policies is told off as NAME.expected beside it says: those of good/ without
 * an error. */
#include "tests/unit/told.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A whole file; the caller's to free. */
static char *content(const char *path)
{
    FILE *file = fopen(path, "re");
    ck_assert_msg(file != NULL, "%s is missing", path);
    char *text = calloc(1, 1 << 20);
    ck_assert_uint_lt(fread(text, 1, 1 << 20, file), 1 << 20);
    fclose(file);
    return text;
}

/* Checks each policy of a folder; returns how many there were. */
static size_t check_folder(const char *pattern, enum policy_use use, bool good)
{
    glob_t found;
    if (glob(pattern, 0, NULL, &found) != 0)
        return 0;
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i];
        /* Where a long has 32 bits, libconfig takes what is too big for the biggest number: one error more.
         */
        if (sizeof(long) == 4 && strstr(path, "/numbers.conf"))
            continue;
        char expected_path[512];
        size_t errors;
        snprintf(expected_path, sizeof expected_path, "%.*s.expected", (int)(strlen(path) - strlen(".conf")),
                 path);
        char *expected = content(expected_path), *text = told(path, use, -1, &errors);
        ck_assert_msg(strcmp(text, expected) == 0, "%s\n-- told:\n%s-- expected:\n%s", path, text, expected);
        ck_assert_msg((errors == 0) == good, "%s has %zu errors", path, errors);
        free(expected);
        free(text);
    }
    const size_t count = found.gl_pathc;
    globfree(&found);
    return count;
}

START_TEST(every_error_of_a_bad_policy_is_told)
{
    ck_assert_uint_ge(check_folder("tests/fixtures/policies/bad/*.conf", POLICY_TO_OBEY, false), 40);
    ck_assert_uint_ge(check_folder("tests/fixtures/policies/bad/*/pinshim.conf", POLICY_TO_OBEY, false), 13);
}
END_TEST

/* What a process goes on with, and its author must mend. */
START_TEST(its_author_is_told_more)
{
    ck_assert_uint_ge(check_folder("tests/fixtures/policies/author/*.conf", POLICY_TO_CHECK, false), 5);
    ck_assert_uint_ge(check_folder("tests/fixtures/policies/author/*/pinshim.conf", POLICY_TO_CHECK, false),
                      3);
    ck_assert_uint_ge(check_folder("tests/fixtures/policies/good/author/*.conf", POLICY_TO_CHECK, true), 1);
}
END_TEST

START_TEST(a_good_policy_is_taken)
{
    ck_assert_uint_ge(check_folder("tests/fixtures/policies/good/*.conf", POLICY_TO_OBEY, true), 8);
    ck_assert_uint_ge(check_folder("tests/fixtures/policies/good/*/pinshim.conf", POLICY_TO_OBEY, true), 2);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("policy");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, every_error_of_a_bad_policy_is_told);
    tcase_add_test(tests, its_author_is_told_more);
    tcase_add_test(tests, a_good_policy_is_taken);
    return unit_run("policy", tests);
}
