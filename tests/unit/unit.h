/* What every program of unit tests ends in. */
#ifndef PINSHIM_TESTS_UNIT_UNIT_H
#define PINSHIM_TESTS_UNIT_UNIT_H

#include <check.h>

/* Runs a suite of these tests, which it frees; returns an exit status. */
static inline int unit_run(const char *name, TCase *tests)
{
    Suite *suite = suite_create(name);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#endif
