/* What the kernel says of a process, sound and damaged. */
#include "tests/unit/unit.h"
#include "tools/cut_file.h"
#include "tools/mapping.h"
#include "tools/process.h"

#include <check.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const struct {
    const char *line, *path;
    bool writable, executable, deleted;
    uint64_t start, end, inode;
} mappings[] = {
    {"7f0000001000-7f0000002000 r-xp 00001000 fd:00 1234                       /usr/lib/libssl.so.3\n",
     "/usr/lib/libssl.so.3", false, true, false, 0x7f0000001000, 0x7f0000002000, 1234},
    {"1000-2000 rw-p 00012000 00:1f 18446744073709551615 /a b (deleted)\n", "/a b", true, false, true, 0x1000,
     0x2000, UINT64_MAX},
    {"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]\n", "", false, true,
     false, 0xffffffffff600000, 0xffffffffff601000, 0},
    {"1000-2000 r--s 00000000 00:00 0\n", "", false, false, false, 0x1000, 0x2000, 0},
    {"1000-2000 rwxp 00000000 00:00 0 ", "", true, true, false, 0x1000, 0x2000, 0},
    {"1000-2000 r--p 00000000 00:00 7 /(deleted)\n", "/(deleted)", false, false, false, 0x1000, 0x2000, 7},
};

START_TEST(a_line_of_the_mappings_is_taken_apart)
{
    struct mapping mapping;
    char *line = strdup(mappings[_i].line);
    ck_assert(mapping_parse(line, &mapping));
    ck_assert_str_eq(mapping.path, mappings[_i].path);
    ck_assert_uint_eq(mapping.start, mappings[_i].start);
    ck_assert_uint_eq(mapping.end, mappings[_i].end);
    ck_assert_uint_eq(mapping.inode, mappings[_i].inode);
    ck_assert_int_eq(mapping.writable, mappings[_i].writable);
    ck_assert_int_eq(mapping.executable, mappings[_i].executable);
    ck_assert_int_eq(mapping.deleted, mappings[_i].deleted);
    free(line);
}
END_TEST

START_TEST(a_line_that_is_cut_short_or_damaged_is_none_or_harmless)
{
    static const char whole[] = "7f0000001000-7f0000002000 r-xp 00001000 fd:00 1234 /usr/lib/libssl.so.3\n";
    for (size_t length = 0; length < sizeof whole; length++)
        for (int change = 0; change < 2; change++) {
            struct mapping mapping;
            char *line = strndup(whole, length); /* the sanitizer guards its end */
            if (change && length)
                line[length / 2] = ' ';
            if (mapping_parse(line, &mapping))
                ck_assert_uint_le(strlen(mapping.path), strlen(whole));
            free(line);
        }
    char backwards[] = "2000-1000 r-xp 00000000 00:00 0\n";
    struct mapping mapping;
    ck_assert(!mapping_parse(backwards, &mapping));
}
END_TEST

/* --- /proc/PID/status */

START_TEST(the_status_of_a_process_is_read)
{
    struct process process = {0};
    ck_assert(process_parse_status("Name:\tmy prog\nState:\tS\nPid:\t7\nPPid:\t5\nUid:\t1\t2\t3\t4\n"
                                   "NSpid:\t7\t77\t777\nVmSize:\t  100 kB\n",
                                   &process));
    ck_assert_str_eq(process.name, "my prog");
    ck_assert_int_eq(process.parent, 5);
    ck_assert_uint_eq(process.uid, 2);
    ck_assert_uint_eq(process.own_pid, 777);
}
END_TEST

START_TEST(a_thread_of_the_kernel_has_no_memory)
{
    struct process process = {0};
    ck_assert(!process_parse_status("Name:\tkthreadd\nPPid:\t0\nUid:\t0\t0\t0\t0\nNSpid:\t2\n", &process));
    ck_assert(!process_parse_status("", &process));
    ck_assert(!process_parse_status("Name:\t\\nVmSize:\t1 kB", &process)); /* as the kernel escapes it */
}
END_TEST

/* By a directory service's groups the text gets long. */
START_TEST(a_process_of_many_groups_is_seen)
{
    enum { MANY = 60000 };
    static gid_t groups[MANY];
    struct process process;
    for (gid_t i = 0; i < MANY; i++)
        groups[i] = 4000000000U + i;
    if (setgroups(MANY, groups) != 0) /* root's alone */
        return;
    process_read(getpid(), &process);
    ck_assert_int_eq(process.look, PROCESS_SEEN);
    ck_assert_uint_eq(process.own_pid, (uint32_t)getpid());
    process_free(&process);
}
END_TEST

/* --- a file that is looked into */

static void touch(void *address)
{
    *(volatile char *)address;
}

/* A look within a look, and then the rest of the outer one. */
static void touch_both(void *start)
{
    ck_assert(cut_file_guard(touch, start));
    touch((char *)start + sysconf(_SC_PAGESIZE));
}

START_TEST(a_file_that_is_cut_short_ends_the_look_alone)
{
    char name[] = "/tmp/pinshim-cut-XXXXXX";
    const long page = sysconf(_SC_PAGESIZE);
    const int fd = mkstemp(name);
    ck_assert(fd >= 0 && unlink(name) == 0 && ftruncate(fd, 2 * page) == 0);
    char *bytes = mmap(NULL, 2 * (size_t)page, PROT_READ, MAP_PRIVATE, fd, 0);
    ck_assert(bytes != MAP_FAILED);
    ck_assert(cut_file_guard(touch, bytes + page));
    ck_assert_int_eq(ftruncate(fd, 10), 0);
    for (int i = 0; i < 3; i++)
        ck_assert(!cut_file_guard(touch, bytes + page));
    ck_assert(cut_file_guard(touch, bytes));
    ck_assert(!cut_file_guard(touch_both, bytes));
    munmap(bytes, 2 * (size_t)page);
    close(fd);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("process");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, a_line_of_the_mappings_is_taken_apart, 0,
                        sizeof mappings / sizeof mappings[0]);
    tcase_add_test(tests, a_line_that_is_cut_short_or_damaged_is_none_or_harmless);
    tcase_add_test(tests, the_status_of_a_process_is_read);
    tcase_add_test(tests, a_thread_of_the_kernel_has_no_memory);
    tcase_add_test(tests, a_process_of_many_groups_is_seen);
    tcase_add_test(tests, a_file_that_is_cut_short_ends_the_look_alone);
    return unit_run("process", tests);
}
