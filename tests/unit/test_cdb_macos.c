/* The two functions that stand for libcdb where macOS has none, beside Debian's libcdb: the same of any
 * bytes. */
#include <check.h>
#include <stdlib.h>

#define cdb_hash   macos_hash
#define cdb_unpack macos_unpack
unsigned cdb_hash(const void *key, unsigned length);
unsigned cdb_unpack(const unsigned char packed[4]);
#include "config/cdb_macos.c" /* NOLINT(bugprone-suspicious-include) */
#undef cdb_hash
#undef cdb_unpack

extern unsigned cdb_hash(const void *key, unsigned length);
extern unsigned cdb_unpack(const unsigned char packed[4]);

START_TEST(they_are_those_of_libcdb)
{
    unsigned char bytes[300];
    srandom(1);
    for (unsigned round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (unsigned char)random();
        const unsigned length = (unsigned)random() % sizeof bytes;
        ck_assert_uint_eq(macos_hash(bytes, length), cdb_hash(bytes, length));
        ck_assert_uint_eq(macos_unpack(bytes), cdb_unpack(bytes));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cdb_macos");
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, they_are_those_of_libcdb);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
