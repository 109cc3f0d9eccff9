/* What `pinshim run` makes of an LD_PRELOAD that is there already. */
#include "tests/unit/unit.h"
#include "tools/preload.h"

#include <check.h>
#include <stdlib.h>

static const struct {
    const char *before, *value;
} preloads[] = {
    {NULL, "/l.so"},
    {"", "/l.so"},
    {" : ", "/l.so"},
    {"/a.so", "/l.so:/a.so"},
    {"/a.so /b.so", "/l.so:/a.so:/b.so"},
    {":/a.so::  /b.so:", "/l.so:/a.so:/b.so"},
    {"/l.so", "/l.so"},
    {"/a.so:/l.so:/b.so /l.so", "/l.so:/a.so:/b.so"},
    {"/l.so.1:/x/l.so:/l.s", "/l.so:/l.so.1:/x/l.so:/l.s"},
};

START_TEST(the_library_comes_first_and_once)
{
    char *value = preload_value("/l.so", preloads[_i].before);
    ck_assert_str_eq(value, preloads[_i].value);
    free(value);
}
END_TEST

START_TEST(a_loader_that_cannot_be_asked_has_not_accepted)
{
    char reason[PRELOAD_REASON_SIZE];
    ck_assert(!preload_accepted("/nonexistent/ld.so", "/bin/true", "/l.so", reason));
    ck_assert(!preload_accepted("/bin/true", "/bin/true", "/l.so", reason));
    ck_assert_str_ne(reason, "");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("preload");
    tcase_add_loop_test(tests, the_library_comes_first_and_once, 0, sizeof preloads / sizeof preloads[0]);
    tcase_add_test(tests, a_loader_that_cannot_be_asked_has_not_accepted);
    return unit_run("preload", tests);
}
