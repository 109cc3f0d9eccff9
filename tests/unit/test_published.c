/* What a process publishes of its protection, sound and hostile. */
#include "tests/unit/unit.h"
#include "tools/published.h"

#include <check.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct process_status sound(void)
{
    struct process_status status = {.magic = PROCESS_STATUS_MAGIC,
                                    .layout = PROCESS_STATUS_LAYOUT,
                                    .size = sizeof status,
                                    .library_version = "1.2.3",
                                    .policy_version = 42,
                                    .policy_state = POLICY_STATE_ENFORCED,
                                    .sequence = 2,
                                    .time = 1,
                                    .pid = 7,
                                    .verdict = VERDICT_LEAF_MATCH,
                                    .outcome = OUTCOME_ALLOWED,
                                    .host = "a.example"};
    status.outcomes[OUTCOME_ALLOWED] = 3;
    return status;
}

/* At its place in memory, `before` bytes from the start. */
static bool parse(const struct process_status *status, size_t before, size_t size,
                  struct published *published)
{
    uint8_t *memory = calloc(1, before + size + 1); /* the sanitizer guards its end */
    memcpy(memory + before, status, size);
    const bool steady = published_parse(memory, before + size, 7, published);
    free(memory);
    return steady;
}

START_TEST(what_is_published_is_found_and_read)
{
    const struct process_status status = sound();
    struct published published;
    for (size_t before = 0; before <= 256; before += 64) {
        ck_assert(parse(&status, before, sizeof status, &published));
        ck_assert_int_eq(published.publication, PUBLICATION_READ);
        ck_assert_str_eq(published.library_version, "1.2.3");
        ck_assert_uint_eq(published.policy_version, 42);
        ck_assert(published.judged);
        ck_assert_str_eq(published.host, "a.example");
        ck_assert_uint_eq(published.outcomes[OUTCOME_ALLOWED], 3);
    }
    ck_assert(parse(&status, 32, sizeof status, &published));
    ck_assert_int_eq(published.publication, PUBLICATION_MISSING);
}
END_TEST

START_TEST(a_parent_s_verdicts_are_not_the_child_s)
{
    struct process_status status = sound();
    struct published published;
    status.pid = 6;
    for (status.sequence = 2; status.sequence < 4; status.sequence++) {
        ck_assert(parse(&status, 0, sizeof status, &published));
        ck_assert_int_eq(published.publication, PUBLICATION_READ);
        ck_assert(!published.judged);
        ck_assert_uint_eq(published.outcomes[OUTCOME_ALLOWED], 0);
        ck_assert_uint_eq(published.policy_version, 42);
    }
}
END_TEST

START_TEST(what_is_being_written_is_to_be_read_again)
{
    struct process_status status = sound();
    struct published published;
    status.sequence = 3;
    ck_assert(!parse(&status, 0, sizeof status, &published));
    ck_assert(!published.judged);
}
END_TEST

START_TEST(what_is_cut_short_or_rubbish_is_read_within_its_bounds)
{
    struct published published;
    srand(1);
    for (size_t size = 0; size <= sizeof(struct process_status); size++) {
        struct process_status status = sound();
        (void)parse(&status, 0, size, &published);
        ck_assert(size == sizeof status || published.publication != PUBLICATION_READ ||
                  size > offsetof(struct process_status, size));
        for (size_t i = sizeof status.magic; i < sizeof status; i++)
            if (rand() % 4 == 0)
                ((uint8_t *)&status)[i] = (uint8_t)rand();
        if (rand() % 2) {
            status.layout = PROCESS_STATUS_LAYOUT;
            status.size = sizeof status;
            status.policy_state = (uint32_t)rand() % 4;
            status.pid = 7;
        }
        memset(status.host, 'x', sizeof status.host);
        (void)parse(&status, 0, sizeof status, &published);
        ck_assert_uint_lt(strlen(published.host), sizeof published.host);
        ck_assert_uint_lt(strlen(published.library_version), sizeof published.library_version);
        ck_assert_uint_le(published.policy, POLICY_STATE_UNREADABLE);
    }
}
END_TEST

START_TEST(this_very_process_is_read)
{
    struct published published;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t start = (uintptr_t)&process_status / page * page;
    process_status_verdict("b.example", VERDICT_PIN_MISMATCH, OUTCOME_REFUSED);
    published_read(getpid(), (uint32_t)getpid(), start, start + 2 * page, &published);
    if (published.publication == PUBLICATION_HIDDEN) /* a sandbox */
        return;
    ck_assert_int_eq(published.publication, PUBLICATION_READ);
    ck_assert_str_eq(published.host, "b.example");
    published_read(getpid(), 1, 4096, 8192, &published); /* nothing is mapped there */
    ck_assert_int_eq(published.publication, PUBLICATION_HIDDEN);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("published");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_is_published_is_found_and_read);
    tcase_add_test(tests, a_parent_s_verdicts_are_not_the_child_s);
    tcase_add_test(tests, what_is_being_written_is_to_be_read_again);
    tcase_add_test(tests, what_is_cut_short_or_rubbish_is_read_within_its_bounds);
    tcase_add_test(tests, this_very_process_is_read);
    return unit_run("published", tests);
}
