/* ELF files, sound and damaged, and what they say of a program. */
#include "tests/unit/unit.h"
#include "tools/builtin_tls.h"
#include "tools/elf_file.h"
#include "tools/target.h"
#include "tools/tls_marks.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A sound dynamic program of every Debian, in memory of exactly its size. */
static uint8_t *bytes;
static size_t size;

static void read_true(void)
{
    struct stat status;
    const int fd = open("/bin/true", O_RDONLY);
    ck_assert(fd >= 0 && fstat(fd, &status) == 0);
    size = (size_t)status.st_size;
    bytes = malloc(size);
    ck_assert(bytes && read(fd, bytes, size) == (ssize_t)size);
    close(fd);
}

static void free_true(void)
{
    free(bytes);
}

/* Asks everything there is to ask; for the sanitizers. */
static void ask(const struct elf_file *elf)
{
    const char *loader = elf_loader(elf), *tls = builtin_tls(elf, tls_marks(elf));
    ck_assert(!loader || strlen(loader) < size);
    ck_assert(!tls || tls[0]);
    ck_assert_int_ge(elf_defines(elf, "main") + elf_needs(elf, "libc.so") + elf_has_section(elf, ".text"), 0);
}

START_TEST(a_dynamic_program_is_read)
{
    struct elf_file elf;
    ck_assert_int_eq(elf_parse(&elf, bytes, size), ELF_OK);
    ck_assert_ptr_nonnull(strstr(elf_loader(&elf), "ld-linux"));
    ck_assert(elf_needs(&elf, "libc.so"));
    ck_assert(!elf_needs(&elf, "libssl.so"));
    ck_assert(elf_has_section(&elf, ".text"));
    ck_assert(!elf_has_section(&elf, ".go.buildinfo"));
    ck_assert(!elf_defines(&elf, "SSL_connect"));
    ck_assert_ptr_null(builtin_tls(&elf, tls_marks(&elf)));
}
END_TEST

START_TEST(what_a_library_defines_is_found_and_what_it_uses_is_not)
{
    struct elf_file elf;
    const int fd = open("/proc/self/exe", O_RDONLY);
    ck_assert_int_eq(elf_open(&elf, fd), ELF_OK);
    ck_assert(elf_needs(&elf, "libssl.so"));
    ck_assert(!elf_defines(&elf, "SSL_connect")); /* used here, by tools/served.c */
    elf_close(&elf);
    close(fd);
}
END_TEST

START_TEST(a_program_cut_short_anywhere_is_no_program)
{
    for (size_t length = 0; length < size; length += length < 1024 ? 1 : 97) {
        struct elf_file elf;
        uint8_t *cut = malloc(length + 1); /* the sanitizer guards its end */
        ck_assert_ptr_nonnull(cut);
        memcpy(cut, bytes, length);
        const enum elf_status status = elf_parse(&elf, cut, length);
        ck_assert(status != ELF_OK || length > size / 2); /* then only section headers are gone */
        if (status == ELF_OK)
            ask(&elf);
        free(cut);
    }
}
END_TEST

START_TEST(a_damaged_program_never_makes_it_read_beyond_the_end)
{
    srand(1);
    for (int round = 0; round < 20000; round++) {
        uint8_t saved[8];
        size_t places[8];
        struct elf_file elf;
        for (int i = 0; i < 8; i++) { /* the headers matter most */
            places[i] = (size_t)rand() % (i < 6 ? 1024 : size);
            saved[i] = bytes[places[i]];
            bytes[places[i]] = (uint8_t)(rand() % 3 ? rand() : 0xff);
        }
        memcpy(bytes, ELFMAG, SELFMAG);
        if (elf_parse(&elf, bytes, size) == ELF_OK)
            ask(&elf);
        for (int i = 7; i >= 0; i--)
            bytes[places[i]] = saved[i];
    }
}
END_TEST

/* The file is mapped: who may write to it may do so between two looks. */
START_TEST(a_program_that_changes_after_it_was_read_is_no_danger)
{
    struct elf_file elf;
    ck_assert_int_eq(elf_parse(&elf, bytes, size), ELF_OK);
    for (unsigned i = 0; i < elf.header.e_phnum; i++) {
        ElfW(Phdr) *segment = (void *)(bytes + elf.header.e_phoff + i * sizeof *segment);
        memset(&segment->p_filesz, 0x7f, sizeof segment->p_filesz);
    }
    ask(&elf);
}
END_TEST

START_TEST(another_machine_is_foreign)
{
    struct elf_file elf;
    bytes[18] ^= 0xff; /* e_machine */
    ck_assert_int_eq(elf_parse(&elf, bytes, size), ELF_FOREIGN);
    bytes[18] ^= 0xff;
    bytes[EI_CLASS] ^= ELFCLASS32 ^ ELFCLASS64;
    ck_assert_int_eq(elf_parse(&elf, bytes, size), ELF_FOREIGN);
}
END_TEST

START_TEST(programs_without_tls_of_their_own_are_protectable)
{
    static const char *const programs[] = {"/bin/sh",          "/bin/true",     "/usr/bin/env",
                                           "/usr/bin/openssl", "/usr/bin/perl", "/proc/self/exe"};
    struct target target;
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++) {
        if (access(programs[i], X_OK) != 0)
            continue;
        target_inspect(programs[i], &target);
        ck_assert_msg(target.protectable, "%s: %s", programs[i], target.reason);
        ck_assert_str_ne(target.loader, "");
    }
}
END_TEST

START_TEST(what_is_no_program_is_refused_with_a_reason)
{
    static const char *const files[] = {"/etc/passwd", "/dev/null", "/nonexistent", "/"};
    struct target target;
    target_inspect(files[_i], &target);
    ck_assert(!target.protectable);
    ck_assert_str_ne(target.reason, "");
}
END_TEST

/* A file that tells of each byte thousands of times is looked at no longer than it is. */
START_TEST(what_segments_share_is_not_looked_at_again_and_again)
{
    struct elf_file elf;
    const uint8_t *piece;
    size_t length, sum = 0;
    for (unsigned i = 0; i < ((ElfW(Ehdr) *)bytes)->e_phnum; i++) {
        ElfW(Phdr) *segment = (void *)(bytes + ((ElfW(Ehdr) *)bytes)->e_phoff + i * sizeof *segment);
        segment->p_type = PT_LOAD;
        segment->p_offset = i;
        segment->p_filesz = size - i;
    }
    ck_assert_int_eq(elf_parse(&elf, bytes, size), ELF_OK);
    for (unsigned i = 0; elf_loaded(&elf, i, &piece, &length); i++)
        sum += length;
    ck_assert_uint_ge(sum, size);
    ck_assert_uint_le(sum, 2 * size);
    ((ElfW(Ehdr) *)bytes)->e_phnum = UINT16_MAX;
    ck_assert_int_eq(elf_parse(&elf, bytes, size), ELF_MALFORMED);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("target");
    tcase_add_checked_fixture(tests, read_true, free_true);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_dynamic_program_is_read);
    tcase_add_test(tests, what_a_library_defines_is_found_and_what_it_uses_is_not);
    tcase_add_test(tests, a_program_cut_short_anywhere_is_no_program);
    tcase_add_test(tests, a_damaged_program_never_makes_it_read_beyond_the_end);
    tcase_add_test(tests, a_program_that_changes_after_it_was_read_is_no_danger);
    tcase_add_test(tests, another_machine_is_foreign);
    tcase_add_test(tests, what_segments_share_is_not_looked_at_again_and_again);
    tcase_add_test(tests, programs_without_tls_of_their_own_are_protectable);
    tcase_add_loop_test(tests, what_is_no_program_is_refused_with_a_reason, 0, 4);
    return unit_run("target", tests);
}
