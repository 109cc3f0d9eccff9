/* #! lines, as the kernel and env(1) read them. */
#include "tests/unit/unit.h"
#include "tools/script.h"

#include <check.h>
#include <string.h>

static const struct {
    const char *bytes;
    enum script_status status;
    const char *interpreter, *program;
    bool clears_environment;
} scripts[] = {
    {"", SCRIPT_NONE, "", "", false},
    {"#", SCRIPT_NONE, "", "", false},
    {"\x7f"
     "ELF",
     SCRIPT_NONE, "", "", false},
    {"# !/bin/sh\n", SCRIPT_NONE, "", "", false},
    {"#!", SCRIPT_BAD, "", "", false},
    {"#!\n/bin/sh", SCRIPT_BAD, "", "", false},
    {"#! \t \n", SCRIPT_BAD, "", "", false},
    {"#!/bin/sh", SCRIPT_OK, "/bin/sh", "", false},
    {"#!/bin/sh\nenv", SCRIPT_OK, "/bin/sh", "", false},
    {"#! \t/bin/sh -e \n", SCRIPT_OK, "/bin/sh", "", false},
    {"#!interpreter\n", SCRIPT_OK, "interpreter", "", false},
    {"#!/usr/bin/env python3\n", SCRIPT_OK, "/usr/bin/env", "python3", false},
    {"#!/usr/bin/env\tpython3  \t\n", SCRIPT_OK, "/usr/bin/env", "python3", false},
    {"#!/usr/bin/env python3 -u\n", SCRIPT_OK, "/usr/bin/env", "python3 -u", false}, /* one argument */
    {"#!/usr/bin/env -S python3 -u\n", SCRIPT_OK, "/usr/bin/env", "python3", false},
    {"#!/usr/bin/env -Spython3\n", SCRIPT_OK, "/usr/bin/env", "python3", false},
    {"#!/usr/bin/env -S A=b C=d perl -w\n", SCRIPT_OK, "/usr/bin/env", "perl", false},
    {"#!/usr/bin/env -S -u HOME perl\n", SCRIPT_OK, "/usr/bin/env", "perl", false},
    {"#!/usr/bin/env -S -i perl\n", SCRIPT_OK, "/usr/bin/env", "perl", true},
    {"#!/usr/bin/env -S - perl\n", SCRIPT_OK, "/usr/bin/env", "perl", true},
    {"#!/usr/bin/env -S -u LD_PRELOAD perl\n", SCRIPT_OK, "/usr/bin/env", "perl", true},
    {"#!/usr/bin/env -S -uLD_PRELOAD perl\n", SCRIPT_OK, "/usr/bin/env", "perl", true},
    {"#!/usr/bin/env -S -uperli perl\n", SCRIPT_OK, "/usr/bin/env", "perl", false},
    {"#!/usr/bin/env -S --unset=LD_PRELOAD perl\n", SCRIPT_OK, "/usr/bin/env", "perl", true},
    {"#!/usr/bin/env -S --unset LD_PRELOAD perl\n", SCRIPT_OK, "/usr/bin/env", "perl", true},
    {"#!/usr/bin/env -S --chdir / perl\n", SCRIPT_OK, "/usr/bin/env", "perl", false},
    {"#!/usr/bin/env -iS perl\n", SCRIPT_OK, "/usr/bin/env", "perl", true},
    {"#!/usr/bin/env -vSperl -w\n", SCRIPT_OK, "/usr/bin/env", "perl", false},
    {"#!/usr/bin/env --split-string=perl -w\n", SCRIPT_OK, "/usr/bin/env", "perl", false},
    {"#!/usr/bin/env -S LD_PRELOAD= perl\n", SCRIPT_OK, "/usr/bin/env", "perl", true},
    {"#!/usr/bin/env -S\n", SCRIPT_OK, "/usr/bin/env", "", false},
    {"#!/usr/bin/env\n", SCRIPT_OK, "/usr/bin/env", "", false},
};

START_TEST(a_line_is_read_as_the_kernel_reads_it)
{
    struct script script;
    ck_assert_int_eq(script_parse(scripts[_i].bytes, strlen(scripts[_i].bytes), &script), scripts[_i].status);
    if (scripts[_i].status != SCRIPT_OK)
        return;
    ck_assert_str_eq(script.interpreter, scripts[_i].interpreter);
    ck_assert_str_eq(script.program, scripts[_i].program);
    ck_assert_int_eq(script.clears_environment, scripts[_i].clears_environment);
}
END_TEST

START_TEST(an_interpreter_that_the_line_cuts_off_is_none)
{
    struct script script;
    char line[SCRIPT_LINE_SIZE];
    memset(line, 'x', sizeof line);
    memcpy(line, "#!/", 3);
    ck_assert_int_eq(script_parse(line, sizeof line, &script), SCRIPT_BAD);
    line[200] = ' '; /* then only its argument is cut */
    ck_assert_int_eq(script_parse(line, sizeof line, &script), SCRIPT_OK);
    ck_assert_uint_eq(strlen(script.interpreter), 198);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("script");
    tcase_add_loop_test(tests, a_line_is_read_as_the_kernel_reads_it, 0, sizeof scripts / sizeof scripts[0]);
    tcase_add_test(tests, an_interpreter_that_the_line_cuts_off_is_none);
    return unit_run("script", tests);
}
