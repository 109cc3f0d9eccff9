/* What the agent does with events: which are taken, how many, and the files they go to. */
#include "agent/event_file.h"
#include "agent/event_limit.h"
#include "agent/event_line.h"
#include "agent/report_queue.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define START "{\"time\":\"2026-11-23T10:15:00Z\",\"event\":\"refresh\""

static const struct {
    const char *packet, *line; /* NULL: it is no event */
} lines[] = {
    {START "}\n", START ",\"pid\":7,\"uid\":1000}\n"},
    {START ",\"pid\":1,\"uid\":0,\"app\":\"curl\"}", START ",\"pid\":7,\"uid\":1000,\"app\":\"curl\"}\n"},
    {START ",\"host\":\"a.example\",\"port\":443,\"service\":null,\"served_chain\":[\"sha256//x\"]}",
     START ",\"host\":\"a.example\",\"port\":443,\"service\":null,\"served_chain\":[\"sha256//x\"],\"pid\":7,"
           "\"uid\":1000}\n"},
    {START ",\"detail\":\"a\\nb\"}", START ",\"detail\":\"a\\nb\",\"pid\":7,\"uid\":1000}\n"},
    {START ",\"detail\":\"a\x7f\x7f\\u007f\"}",
     START ",\"detail\":\"a\\u007f\\u007f\\u007f\",\"pid\":7,\"uid\":1000}\n"},
    {"", NULL},
    {"[]", NULL},
    {"{}", NULL},
    {START, NULL},
    {START "}" START "}", NULL},
    {START ",\"event\":\"refresh\"}", NULL},
    {START ",\"other\":1}", NULL},
    {START ",\"host\":{}}", NULL},
    {START ",\"host\":1}", NULL},
    {START ",\"port\":-1}", NULL},
    {START ",\"port\":1.5}", NULL},
    {START ",\"served_chain\":[1]}", NULL},
    {START ",\"served_chain\":[[]]}", NULL},
    {"{\"time\":\"x\",\"event\":\"dropped\"}", NULL},
    {"{\"time\":\"x\",\"event\":null}", NULL},
    {"{\"event\":\"refresh\"}", NULL},
    {START ",\"detail\":\"\xff\"}", NULL},
    {START ",\"detail\":\"\\u0000\"}", NULL},
};

START_TEST(an_event_is_taken_with_its_sender)
{
    const struct event_sender sender = {.pid = 7, .uid = 1000};
    char line[EVENT_LINE_SIZE];
    size_t length = 0;
    const char *packet = lines[_i].packet;
    const bool taken = event_line_take(packet, strlen(packet), &sender, line, &length);
    ck_assert_int_eq(taken, lines[_i].line != NULL);
    if (taken)
        ck_assert_int_eq(length, strlen(lines[_i].line));
    if (taken)
        ck_assert_mem_eq(line, lines[_i].line, length);
}
END_TEST

START_TEST(what_does_not_fit_is_no_event)
{
    const struct event_sender sender = {.pid = UINT32_MAX, .uid = UINT32_MAX};
    char packet[EVENT_LINE_SIZE + 100], line[EVENT_LINE_SIZE];
    for (int size = 3900; size < EVENT_LINE_SIZE; size++) {
        size_t length;
        const int packed =
            snprintf(packet, sizeof packet, START ",\"detail\":\"%0*d\"}", size - (int)strlen(START) - 13, 0);
        if (event_line_take(packet, (size_t)packed, &sender, line, &length))
            ck_assert_int_le(length, EVENT_LINE_SIZE);
        else
            ck_assert_int_gt(size + (int)strlen(",\"pid\":4294967295,\"uid\":4294967295\n"),
                             EVENT_LINE_SIZE - 1);
    }
}
END_TEST

START_TEST(a_burst_then_so_many_a_second)
{
    static struct event_limit limit;
    struct event_allowance *allowance = event_limit_of(&limit, 1000, 5);
    int taken = 0;
    for (int i = 0; i < EVENT_BURST + 10; i++)
        taken += event_allowance_take(allowance, 5);
    ck_assert_int_eq(taken, EVENT_BURST);
    ck_assert(event_limit_of(&limit, 1000, 5) == allowance);
    for (int64_t now = 5; now < 2005; now++)
        taken += event_allowance_take(allowance, now);
    ck_assert_int_eq(taken, EVENT_BURST + 2 * EVENTS_PER_SECOND - 1);
}
END_TEST

START_TEST(users_have_their_own_until_there_are_too_many)
{
    static struct event_limit limit;
    for (uint32_t uid = 0; uid < EVENT_USERS + 10; uid++) {
        struct event_allowance *allowance = event_limit_of(&limit, uid, 0);
        ck_assert_int_eq(allowance == &limit.users[EVENT_USERS - 1], uid >= EVENT_USERS - 1);
        ck_assert(event_allowance_take(allowance, 0));
    }
    struct event_allowance *another = event_limit_of(&limit, 5000, 60 * 1000);
    ck_assert(another != &limit.users[EVENT_USERS - 1]);
    ck_assert_int_eq(another->uid, 5000);
}
END_TEST

START_TEST(files_are_rotated_and_no_line_is_torn)
{
    char folder[] = "/tmp/pinshim-test-XXXXXX", path[PATH_MAX], name[PATH_MAX + 8];
    struct event_file file;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/events.jsonl", folder);
    ck_assert(event_file_open(&file, path, 100));
    for (int i = 0; i < 100; i++) {
        char line[16];
        ck_assert_int_eq(snprintf(line, sizeof line, "line %03d\n", i), 9);
        ck_assert(event_file_append(&file, line, 9));
    }
    event_file_close(&file);
    for (int i = 0; i <= EVENT_FILES_KEPT + 1; i++) {
        (void)snprintf(name, sizeof name, i ? "%s.%d" : "%s", path, i);
        FILE *kept = fopen(name, "r");
        ck_assert_int_eq(kept != NULL, i <= EVENT_FILES_KEPT);
        if (!kept)
            continue;
        char line[16];
        ck_assert_ptr_nonnull(fgets(line, sizeof line, kept));
        ck_assert_int_eq(atoi(line + 5), 99 - 11 * i); /* eleven lines a file, the last one alone */
        (void)fclose(kept);
        unlink(name);
    }
    rmdir(folder);
}
END_TEST

START_TEST(a_torn_line_spoils_no_other)
{
    char path[] = "/tmp/pinshim-test-XXXXXX", all[32] = "";
    const int fd = mkstemp(path);
    struct event_file file;
    ck_assert_int_eq(write(fd, "{\"to", 4), 4);
    ck_assert(event_file_open(&file, path, 1000));
    ck_assert(event_file_append(&file, "{}\n", 3));
    event_file_close(&file);
    ck_assert_int_eq(pread(fd, all, sizeof all, 0), 8);
    ck_assert_str_eq(all, "{\"to\n{}\n");
    close(fd);
    unlink(path);
}
END_TEST

START_TEST(the_queue_of_reports_is_bounded_and_sends_a_batch_until_it_has_arrived)
{
    char folder[] = "/tmp/pinshim-test-XXXXXX", path[PATH_MAX], first[8] = "";
    static char line[1000];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(report_queue_take(folder), -1);
    ck_assert(report_queue_add(folder, "first\n", 6));
    for (int round = 0; round < 2; round++) { /* the same batch again, whatever comes behind it */
        const int batch = report_queue_take(folder);
        ck_assert_int_ge(batch, 0);
        ck_assert_int_eq(read(batch, first, sizeof first), 6);
        ck_assert_str_eq(first, "first\n");
        close(batch);
        ck_assert(report_queue_add(folder, "next\n", 5));
    }
    report_queue_done(folder);
    memset(line, '.', sizeof line - 1);
    line[sizeof line - 1] = '\n';
    long total = 10;
    while (report_queue_add(folder, line, sizeof line))
        total += sizeof line;
    ck_assert_int_lt(total, REPORT_BATCH);
    ck_assert_int_gt(total, REPORT_BATCH - 2 * (long)sizeof line);
    (void)snprintf(path, sizeof path, "%s/next", folder);
    ck_assert_int_eq(unlink(path), 0);
    rmdir(folder);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("agent events");
    tcase_add_loop_test(tcase, an_event_is_taken_with_its_sender, 0, sizeof lines / sizeof *lines);
    tcase_add_test(tcase, what_does_not_fit_is_no_event);
    tcase_add_test(tcase, a_burst_then_so_many_a_second);
    tcase_add_test(tcase, users_have_their_own_until_there_are_too_many);
    tcase_add_test(tcase, files_are_rotated_and_no_line_is_torn);
    tcase_add_test(tcase, a_torn_line_spoils_no_other);
    tcase_add_test(tcase, the_queue_of_reports_is_bounded_and_sends_a_batch_until_it_has_arrived);
    return unit_run("agent events", tcase);
}
