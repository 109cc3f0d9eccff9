/* A damaged image says so, or answers as the undamaged one: never "not there", never other pins. */
#include "config/compile.h"
#include "config/image.h"
#include "config/rule.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIN(letter) "\"sha256//" letter "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\""

static const char policy[] =
    "version = 1;\n"
    "domains = (\n"
    "  { name = \"example.com\"; include_subdomains = true; pins = [" PIN("B") ", " PIN(
        "C") "]; },\n"
             "  { name = \"*.cdn.example.com\"; service = \"custom\"; pins = [" PIN(
                 "D") "]; },\n"
                      "  { name = \"free.example.com\"; pinned = false; },\n"
                      "  { name = \"192.0.2.7\"; pins = [" PIN(
                          "E") "]; expires = \"2029-12-31\"; on_expiry = \"open\"; }\n"
                               ");\n";

static const char *const names[] = {
    "example.com", "www.example.com", "a.cdn.example.com", "b.a.cdn.example.com", "free.example.com",
    "192.0.2.7",   "absent.test",     "www.absent.test",   "evilexample.com",     "com",
};
enum { NAMES = sizeof names / sizeof *names, PINS = 4 };

/* All that a rule says. */
struct answer {
    enum rule_status status;
    bool pinned, expired_open, inspectable;
    enum service service;
    char name[NAME_SIZE + 2];
    size_t pin_count;
    struct pin pins[PINS];
};

static uint8_t *sound; /* the undamaged image */
static size_t size;
static struct answer answers[NAMES];
static int scratch = -1; /* the file that is opened as an image */

static struct answer ask(const struct image *image, const char *name)
{
    const struct applied_personas nobody = {0};
    struct answer answer = {0};
    struct rule rule;
    answer.status = rule_resolve(image, &nobody, name, 1900000000, &rule);
    if (answer.status != RULE_FOUND)
        return answer;
    answer.pinned = rule.pinned;
    answer.expired_open = rule.expired_open;
    answer.inspectable = rule.inspectable;
    answer.service = rule.service;
    strcpy(answer.name, rule.name);
    answer.pin_count = rule_pins(&rule, answer.pins, PINS);
    return answer;
}

static bool is_same(const struct answer *a, const struct answer *b)
{
    return a->status == b->status && a->pinned == b->pinned && a->expired_open == b->expired_open &&
           a->inspectable == b->inspectable && a->service == b->service && strcmp(a->name, b->name) == 0 &&
           a->pin_count == b->pin_count && memcmp(a->pins, b->pins, sizeof a->pins) == 0;
}

static enum image_status open_bytes(struct image *image, const uint8_t *bytes, size_t length)
{
    ck_assert_int_eq(ftruncate(scratch, 0), 0);
    ck_assert_int_eq(pwrite(scratch, bytes, length, 0), length);
    return image_open(image, scratch);
}

static void compile(const char *text)
{
    char path[] = "/tmp/pinshim-image-XXXXXX";
    struct diagnostics diagnostics = {0};
    struct stat status;
    const int source = mkstemp(path), fd = memfd_create("image", MFD_CLOEXEC);
    ck_assert_int_eq(write(source, text, strlen(text)), strlen(text));
    close(source);
    const bool compiled =
        policy_compile(&(struct compilation){.path = path, .image_fd = fd, .files_fd = -1}, &diagnostics);
    unlink(path);
    diagnostics_print(&diagnostics, stderr);
    diagnostics_free(&diagnostics);
    ck_assert(compiled);
    ck_assert_int_eq(fstat(fd, &status), 0);
    size = (size_t)status.st_size;
    sound = malloc(size);
    ck_assert_int_eq(pread(fd, sound, size, 0), size);
    close(fd);
}

static void set_up(void)
{
    struct image image;
    compile(policy);
    scratch = memfd_create("scratch", MFD_CLOEXEC);
    ck_assert_int_eq(open_bytes(&image, sound, size), IMAGE_OK);
    ck_assert_int_eq(image_verify(&image), IMAGE_OK);
    for (size_t i = 0; i < NAMES; i++) {
        answers[i] = ask(&image, names[i]);
        ck_assert_int_ne(answers[i].status, RULE_DAMAGED);
    }
    image_close(&image);
}

static void tear_down(void)
{
    free(sound);
    close(scratch);
}

static struct image_header header_of(const uint8_t *bytes)
{
    struct image_header header;
    memcpy(&header, bytes + IMAGE_HEADER_OFFSET, sizeof header);
    return header;
}

/* Puts a header into the image, and the sums of its blocks right. */
static void replace_header(uint8_t *bytes, const struct image_header *header)
{
    const struct image_header old = header_of(bytes);
    memcpy(bytes + IMAGE_HEADER_OFFSET, header, sizeof *header);
    const uint32_t first = IMAGE_HEADER_OFFSET / IMAGE_BLOCK_SIZE;
    for (uint32_t i = first; i <= first + 1; i++) {
        const uint32_t sum = image_block_sum(bytes + i * IMAGE_BLOCK_SIZE, IMAGE_BLOCK_SIZE, i);
        memcpy(bytes + old.sums_offset + i * sizeof sum, &sum, sizeof sum);
    }
}

/* Every answer of a damaged image is the sound one's, or none. */
static void check_answers(const struct image *image, size_t at, const char *damage)
{
    for (size_t i = 0; i < NAMES; i++) {
        const struct answer answer = ask(image, names[i]);
        if (answer.status != RULE_DAMAGED)
            ck_assert_msg(is_same(&answer, &answers[i]), "%s at %zu: %s", damage, at, names[i]);
    }
}

/* What lies between the cdb and its sums is neither. */
static bool is_padding(size_t at)
{
    const struct image_header header = header_of(sound);
    return at >= header.cdb_size && at < header.sums_offset;
}

static void check_damage(const uint8_t *bytes, size_t at, const char *damage)
{
    struct image image;
    const enum image_status status = open_bytes(&image, bytes, size);
    if (status != IMAGE_OK)
        return;
    check_answers(&image, at, damage);
    ck_assert_msg(image_verify(&image) == (is_padding(at) ? IMAGE_OK : IMAGE_DAMAGED), "%s at %zu", damage,
                  at);
    image_close(&image);
}

START_TEST(a_flipped_byte_is_found_by_whoever_needs_it)
{
    static const uint8_t flips[] = {0xff, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8_t *bytes = malloc(size);
    memcpy(bytes, sound, size);
    for (size_t at = 0; at < size; at++) {
        bytes[at] = sound[at] ^ flips[_i];
        check_damage(bytes, at, "flip");
        bytes[at] = sound[at];
    }
    free(bytes);
}
END_TEST

START_TEST(lost_storage_is_found_by_whoever_needs_it)
{
    static const uint8_t fills[] = {0, 0xff};
    const size_t length = 16; /* and so at least one byte that differs, or none needs to be found */
    uint8_t *bytes = malloc(size);
    for (size_t at = 0; at + length <= header_of(sound).cdb_size; at++) {
        memcpy(bytes, sound, size);
        memset(bytes + at, fills[_i], length);
        if (memcmp(bytes, sound, size) != 0)
            check_damage(bytes, at, "fill");
    }
    free(bytes);
}
END_TEST

START_TEST(a_block_in_anothers_place_is_found)
{
    const size_t blocks = header_of(sound).cdb_size / IMAGE_BLOCK_SIZE;
    uint8_t *bytes = malloc(size);
    for (size_t to = 0; to < blocks; to++)
        for (size_t from = 0; from < blocks; from++) {
            memcpy(bytes, sound, size);
            memcpy(bytes + to * IMAGE_BLOCK_SIZE, sound + from * IMAGE_BLOCK_SIZE, IMAGE_BLOCK_SIZE);
            if (memcmp(bytes, sound, size) != 0)
                check_damage(bytes, to * IMAGE_BLOCK_SIZE, "copy");
        }
    free(bytes);
}
END_TEST

START_TEST(a_cut_or_longer_image_is_refused)
{
    struct image image;
    uint8_t *bytes = calloc(1, size + 9);
    memcpy(bytes, sound, size);
    for (size_t length = 0; length < size + 9; length++)
        if (length != size)
            ck_assert_msg(open_bytes(&image, bytes, length) != IMAGE_OK, "%zu of %zu", length, size);
    free(bytes);
}
END_TEST

START_TEST(what_is_no_image_is_told_apart)
{
    static const uint8_t text[4096] = "version = 1;\n";
    struct image image;
    ck_assert_int_eq(open_bytes(&image, text, 0), IMAGE_NOT_IMAGE);
    ck_assert_int_eq(open_bytes(&image, text, 13), IMAGE_NOT_IMAGE);
    ck_assert_int_eq(open_bytes(&image, text, sizeof text), IMAGE_NOT_IMAGE);
}
END_TEST

START_TEST(what_cant_be_read_is_told_apart)
{
    struct image image;
    int ends[2];
    const int folder = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
              writable = open("/dev/null", O_WRONLY);
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(image_open(&image, -1), IMAGE_UNREADABLE);
    ck_assert_int_eq(image_open(&image, ends[0]), IMAGE_UNREADABLE);
    ck_assert_int_ne(image_open(&image, folder), IMAGE_OK); /* how long one is, is up to its file system */
    ck_assert_int_ne(image_open(&image, writable), IMAGE_OK);
    close(ends[0]);
    close(ends[1]);
    close(folder);
    close(writable);
}
END_TEST

START_TEST(a_newer_image_is_told_apart)
{
    struct image image;
    struct image_header header = header_of(sound);
    header.schema++;
    replace_header(sound, &header);
    ck_assert_int_eq(open_bytes(&image, sound, size), IMAGE_NEWER);
    header.schema = 0;
    replace_header(sound, &header);
    ck_assert_int_eq(open_bytes(&image, sound, size), IMAGE_NEWER);
}
END_TEST

START_TEST(another_machines_image_is_told_apart)
{
    struct image image;
    struct image_header header = header_of(sound);
    header.byte_order = __builtin_bswap32(header.byte_order);
    replace_header(sound, &header);
    ck_assert_int_eq(open_bytes(&image, sound, size), IMAGE_NEWER);
}
END_TEST

/* Sizes that lie, in a header that is whole. */
START_TEST(sizes_that_lie_are_refused)
{
    static const uint32_t sizes[] = {0, 1, 63, 64, 2048, 0x7fffffff, 0x80000000, 0xffffffc0, 0xffffffff};
    struct image image;
    const struct image_header right = header_of(sound);
    uint8_t *bytes = malloc(size);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes * 3; i++) {
        struct image_header header = right;
        *(i % 3 == 0   ? &header.cdb_size
          : i % 3 == 1 ? &header.sums_offset
                       : &header.image_size) = sizes[i / 3];
        memcpy(bytes, sound, size);
        replace_header(bytes, &header);
        ck_assert_int_eq(open_bytes(&image, bytes, size), IMAGE_DAMAGED);
    }
    free(bytes);
}
END_TEST

START_TEST(the_version_is_that_of_the_content)
{
    const uint64_t version = header_of(sound).policy_version;
    ck_assert_uint_ne(version, 0);
    free(sound);
    compile(policy);
    ck_assert_uint_eq(header_of(sound).policy_version, version);
    free(sound);
    compile("version = 1;");
    ck_assert_uint_ne(header_of(sound).policy_version, version);
}
END_TEST

START_TEST(every_status_has_a_text)
{
    for (int i = IMAGE_DAMAGED; i <= IMAGE_OK; i++)
        ck_assert_uint_gt(strlen(image_status_text((enum image_status)i)), 0);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_loop_test(tests, a_flipped_byte_is_found_by_whoever_needs_it, 0, 9);
    tcase_add_loop_test(tests, lost_storage_is_found_by_whoever_needs_it, 0, 2);
    tcase_add_test(tests, a_block_in_anothers_place_is_found);
    tcase_add_test(tests, a_cut_or_longer_image_is_refused);
    tcase_add_test(tests, what_is_no_image_is_told_apart);
    tcase_add_test(tests, what_cant_be_read_is_told_apart);
    tcase_add_test(tests, a_newer_image_is_told_apart);
    tcase_add_test(tests, another_machines_image_is_told_apart);
    tcase_add_test(tests, sizes_that_lie_are_refused);
    tcase_add_test(tests, the_version_is_that_of_the_content);
    tcase_add_test(tests, every_status_has_a_text);
}

int main(void)
{
    TCase *tests = tcase_create("image");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, set_up, tear_down);
    add_tests(tests);
    return unit_run("image", tests);
}
