/* What stands for libcdb where macOS has none, beside Debian's: the same of any bytes, and the same file. */
#include "tests/unit/unit.h"

#include <cdb.h> /* the library's; what stands for it goes by other names here */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#define cdb_hash        macos_hash
#define cdb_unpack      macos_unpack
#define cdb_make        macos_make
#define cdb_make_start  macos_make_start
#define cdb_make_add    macos_make_add
#define cdb_make_finish macos_make_finish
#include "config/macos/cdb.h"

#include "config/cdb_macos.c" /* NOLINT(bugprone-suspicious-include) */
#undef cdb_hash
#undef cdb_unpack
#undef cdb_make
#undef cdb_make_start
#undef cdb_make_add
#undef cdb_make_finish

enum { VALUE_MAX = 40000 /* more than a buffer */ };

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

/* A key of a few bytes, so that some come twice, and a value, of the generator's next numbers. */
static unsigned next_record(unsigned char key[4], unsigned char *value, unsigned *length)
{
    *length = random() % 50 ? (unsigned)random() % 100 : (unsigned)random() % VALUE_MAX;
    for (unsigned i = 0; i < *length; i++)
        value[i] = (unsigned char)random();
    for (unsigned i = 0; i < 4; i++)
        key[i] = (unsigned char)(random() % 16);
    return (unsigned)random() % 5;
}

static void write_both(int ours, int theirs, unsigned records)
{
    static struct macos_make our_make;
    static struct cdb_make their_make;
    static unsigned char value[VALUE_MAX];
    unsigned char key[4];
    unsigned length;
    ck_assert_int_eq(macos_make_start(&our_make, ours), 0);
    ck_assert_int_eq(cdb_make_start(&their_make, theirs), 0);
    for (unsigned i = 0; i < records; i++) {
        const unsigned key_length = next_record(key, value, &length);
        ck_assert_int_eq(macos_make_add(&our_make, key, key_length, value, length), 0);
        ck_assert_int_eq(cdb_make_add(&their_make, key, key_length, value, length), 0);
    }
    ck_assert_int_eq(macos_make_finish(&our_make), 0);
    ck_assert_int_eq(cdb_make_finish(&their_make), 0);
}

static const unsigned counts[] = {0, 1, 2, 255, 3000};

START_TEST(a_file_of_theirs_has_the_bytes_of_one_of_libcdb)
{
    const int ours = memfd_create("ours", 0), theirs = memfd_create("theirs", 0);
    srandom(counts[_i]);
    write_both(ours, theirs, counts[_i]);
    const off_t size = lseek(ours, 0, SEEK_END);
    ck_assert_int_eq(size, lseek(theirs, 0, SEEK_END));
    const void *a = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, ours, 0);
    const void *b = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, theirs, 0);
    ck_assert(a != MAP_FAILED && b != MAP_FAILED);
    ck_assert_mem_eq(a, b, (size_t)size);
    close(ours);
    close(theirs);
}
END_TEST

START_TEST(a_file_that_cannot_be_written_is_none)
{
    static struct macos_make make;
    static const unsigned char value[VALUE_MAX];
    const int closed = open("/dev/null", O_RDONLY);
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(macos_make_start(&make, ends[1]), -1); /* can't be sought in */
    make = (struct macos_make){.fd = closed, .position = CONTENTS_SIZE};
    ck_assert_int_eq(macos_make_add(&make, "key", 3, value, sizeof value), -1);
    ck_assert_ptr_null(make.entries);
    close(closed);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("all");
    tcase_add_test(tests, they_are_those_of_libcdb);
    tcase_add_loop_test(tests, a_file_of_theirs_has_the_bytes_of_one_of_libcdb, 0,
                        sizeof counts / sizeof counts[0]);
    tcase_add_test(tests, a_file_that_cannot_be_written_is_none);
    return unit_run("cdb_macos", tests);
}
