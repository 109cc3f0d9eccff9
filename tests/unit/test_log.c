/* pinshim log: events as lines, and a file read by lines. */
#include "tests/unit/unit.h"
#include "tools/log_line.h"
#include "tools/log_reader.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct {
    const char *event, *line;
} lines[] = {
    {"{}", "-|-|-|-|-|-"},
    {"{\"time\":\"2026-02-28T23:30:00Z\",\"event\":\"untrusted-connection\",\"verdict\":\"pin-mismatch\","
     "\"host\":\"a.example\",\"port\":443,\"app\":\"curl\",\"pid\":7,\"rule\":\"*.example\",\"service\":"
     "\"cloud\"}",
     "2026-03-01 01:00:00|untrusted-connection|pin-mismatch|a.example:443|curl[7]|*.example (cloud)"},
    {"{\"host\":\"::1\",\"port\":443}", "-|-|-|[::1]:443|-|-"},
    {"{\"host\":\"::1\",\"port\":0}", "-|-|-|::1|-|-"},
    {"{\"port\":443}", "-|-|-|-|-|-"},
    {"{\"event\":\"policy-loaded\",\"policy\":\"/p\"}", "-|policy-loaded|-|-|-|/p"},
    {"{\"policy\":\"/p\",\"detail\":\"is damaged\",\"rule\":\"r\"}", "-|-|-|-|-|/p: is damaged"},
    {"{\"event\":\"refresh\",\"rule\":null,\"service\":null,\"detail\":\"no answer\"}",
     "-|refresh|-|-|-|no answer"},
    {"{\"event\":\"dropped\",\"uid\":7,\"count\":12}", "-|dropped|-|-|-|12 events"},
    {"{\"time\":\"soon\",\"rule\":null,\"service\":\"cloud\"}", "soon|-|-|-|-|- (cloud)"},
    {"{\"time\":\"2026-02-28T23:30:00\"}", "2026-02-28T23:30:00|-|-|-|-|-"},
    {"{\"app\":\"a\\u001bb\\u0000c\\u007fd\\u00fce\\u202ef\\ud83d\\ude00g\"}", "-|-|-|-|a?b?c?d?e?f?g|-"},
    {"{\"host\":\"\",\"app\":[],\"event\":1,\"pid\":\"x\",\"port\":\"y\"}", "-|-|-|-|-|-"},
};

/* Runs of two blanks and more, as one '|'. */
static void mark_columns(char *line)
{
    char *to = line;
    for (const char *from = line; *from && *from != '\n';) {
        const size_t blanks = strspn(from, " ");
        if (blanks > 1)
            *to++ = '|', from += blanks;
        else
            *to++ = *from++;
    }
    *to = '\0';
}

START_TEST(an_event_is_a_line_in_columns)
{
    char line[512] = "";
    FILE *stream = fmemopen(line, sizeof line, "w");
    json_t *event = json_loads(lines[_i].event, JSON_ALLOW_NUL, NULL);
    ck_assert_ptr_nonnull(event);
    setenv("TZ", "HERE-1:30", 1);
    tzset();
    log_line_print(stream, event, false);
    fclose(stream);
    json_decref(event);
    ck_assert_ptr_nonnull(strchr(line, '\n'));
    mark_columns(line);
    ck_assert_str_eq(line, lines[_i].line);
}
END_TEST

static const struct {
    const char *content;
    int64_t tail;             /* -1: from the start */
    const char *whole, *rest; /* lines in `()`, without and with the one that has no end */
    uint64_t last;            /* the number of the last one */
} files[] = {
    {"", -1, "", "", 0},
    {"\n", -1, "()", "()", 1},
    {"a\nb", -1, "(a)", "(a)(b)", 2},
    {"a\n\nbc\n", -1, "(a)()(bc)", "(a)()(bc)", 3},
    {"a\nb\nc\n", 1, "(c)", "(c)", 3},
    {"a\nb\nc", 1, "", "(c)", 3},
    {"a\nb\nc", 2, "(b)", "(b)(c)", 3},
    {"a\nb\nc\n", 0, "", "", 3},
    {"a\nb\nc", 0, "", "(c)", 3},
    {"a\nb\n", 7, "(a)(b)", "(a)(b)", 2},
    {"", 1, "", "", 0},
    {"\n\n\n", 2, "()()", "()()", 3},
};

static void read_lines(struct log_reader *reader, bool rest, char *all)
{
    const char *line;
    size_t length;
    enum log_read read;
    while ((read = log_reader_next(reader, rest, &line, &length)) == LOG_READ_LINE)
        sprintf(all + strlen(all), "(%.*s)", (int)length, line);
    ck_assert_int_eq(read, LOG_READ_END);
}

static void open_content(struct log_reader *reader, const char *content, size_t length)
{
    char path[] = "/tmp/pinshim-log-XXXXXX";
    const int fd = mkstemp(path);
    ck_assert_int_eq(write(fd, content, length), (ssize_t)length);
    close(fd);
    const bool opened = log_reader_open(reader, path);
    unlink(path);
    ck_assert(opened);
}

START_TEST(a_file_is_read_by_lines)
{
    struct log_reader reader = LOG_READER_CLOSED;
    char all[64] = "";
    open_content(&reader, files[_i].content, strlen(files[_i].content));
    ck_assert(files[_i].tail < 0 || log_reader_tail(&reader, files[_i].tail));
    read_lines(&reader, false, all);
    ck_assert_str_eq(all, files[_i].whole);
    read_lines(&reader, true, all);
    ck_assert_str_eq(all, files[_i].rest);
    ck_assert_uint_eq(log_reader_line(&reader), files[_i].last);
    log_reader_free(&reader);
}
END_TEST

/* Lengths around those of its blocks and of its limit: nothing is lost, and a line that is too long alone. */
START_TEST(long_lines_are_whole_or_passed_over)
{
    const size_t lengths[] = {
        65535, 65536, 131071, 131072, LOG_LINE_LIMIT, LOG_LINE_LIMIT + 1, 3 * LOG_LINE_LIMIT};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct log_reader reader = LOG_READER_CLOSED;
        const size_t size = lengths[i] + 5;
        const char *line;
        size_t length;
        char *content = malloc(size);
        memset(content, 'x', size);
        memcpy(content, "a\n", 2);
        memcpy(content + size - 3, "\nb\n", 3);
        open_content(&reader, content, size);
        ck_assert_int_eq(log_reader_next(&reader, false, &line, &length), LOG_READ_LINE);
        const bool fits = lengths[i] <= LOG_LINE_LIMIT;
        ck_assert_int_eq(log_reader_next(&reader, false, &line, &length),
                         fits ? LOG_READ_LINE : LOG_READ_TOO_LONG);
        ck_assert(!fits || (length == lengths[i] && memcmp(line, content + 2, length) == 0));
        ck_assert_uint_eq(log_reader_line(&reader), 2);
        ck_assert_int_eq(log_reader_next(&reader, false, &line, &length), LOG_READ_LINE);
        ck_assert(length == 1 && line[0] == 'b');
        ck_assert(log_reader_tail(&reader, 2));
        ck_assert_int_eq(log_reader_next(&reader, false, &line, &length),
                         fits ? LOG_READ_LINE : LOG_READ_TOO_LONG);
        ck_assert_uint_eq(log_reader_line(&reader), 2);
        log_reader_free(&reader);
        free(content);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("log");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, an_event_is_a_line_in_columns, 0, sizeof lines / sizeof *lines);
    tcase_add_loop_test(tests, a_file_is_read_by_lines, 0, sizeof files / sizeof *files);
    tcase_add_test(tests, long_lines_are_whole_or_passed_over);
    return unit_run("log", tests);
}
