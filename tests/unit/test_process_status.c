/* What a process tells of itself. */
#include "shim/process_status.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void forget(void)
{
    process_status.sequence = 0;
    process_status.pid = 0;
    for (int i = 0; i < OUTCOMES; i++)
        process_status.outcomes[i] = 0;
}

START_TEST(it_is_where_and_what_a_reader_looks_for)
{
    ck_assert_uint_eq((uintptr_t)&process_status % PROCESS_STATUS_ALIGNMENT, 0);
    ck_assert_int_eq(memcmp(process_status.magic, PROCESS_STATUS_MAGIC, sizeof process_status.magic), 0);
    ck_assert_uint_eq(process_status.size, sizeof process_status);
    ck_assert_str_eq(process_status.library_version, PINSHIM_VERSION);
}
END_TEST

START_TEST(the_policy_s_state_is_told)
{
    struct policy policy = {.mapped = true, .image.header.policy_version = 42};
    process_status_policy(&policy);
    ck_assert_uint_eq(process_status.policy_state, POLICY_STATE_ENFORCED);
    ck_assert_uint_eq(process_status.policy_version, 42);
    policy.report = true;
    process_status_policy(&policy);
    ck_assert_uint_eq(process_status.policy_state, POLICY_STATE_REPORTED);
    policy = (struct policy){.refused = true};
    process_status_policy(&policy);
    ck_assert_uint_eq(process_status.policy_state, POLICY_STATE_UNREADABLE);
    ck_assert_uint_eq(process_status.policy_version, 0);
}
END_TEST

START_TEST(verdicts_are_counted_and_the_last_one_is_told)
{
    process_status_verdict("a.example", VERDICT_LEAF_MATCH, OUTCOME_ALLOWED);
    process_status_verdict("b.example", VERDICT_PIN_MISMATCH, OUTCOME_REFUSED);
    process_status_verdict("c.example", VERDICT_CHAIN_MATCH, OUTCOME_ALLOWED);
    ck_assert_uint_eq(process_status.outcomes[OUTCOME_ALLOWED], 2);
    ck_assert_uint_eq(process_status.outcomes[OUTCOME_REFUSED], 1);
    ck_assert_uint_eq(process_status.outcomes[OUTCOME_REPORTED], 0);
    ck_assert_str_eq(process_status.host, "c.example");
    ck_assert_uint_eq(process_status.verdict, VERDICT_CHAIN_MATCH);
    ck_assert_uint_eq(process_status.outcome, OUTCOME_ALLOWED);
    ck_assert_uint_eq(process_status.pid, (uint32_t)getpid());
    ck_assert_uint_eq(process_status.sequence, 6);
    ck_assert(process_status.time > 0);
}
END_TEST

START_TEST(a_long_name_is_cut)
{
    char host[NAME_SIZE + 100];
    memset(host, 'a', sizeof host - 1);
    host[sizeof host - 1] = '\0';
    process_status_verdict(host, VERDICT_LEAF_MATCH, OUTCOME_ALLOWED);
    ck_assert_uint_eq(strlen(process_status.host), NAME_SIZE - 1);
}
END_TEST

START_TEST(a_verdict_that_is_being_written_stays_and_the_other_is_counted)
{
    process_status_verdict("a.example", VERDICT_LEAF_MATCH, OUTCOME_ALLOWED);
    process_status.sequence |= 1; /* another thread is at it */
    process_status_verdict("b.example", VERDICT_LEAF_MATCH, OUTCOME_ALLOWED);
    ck_assert_str_eq(process_status.host, "a.example");
    ck_assert_uint_eq(process_status.outcomes[OUTCOME_ALLOWED], 2);
    ck_assert_uint_eq(process_status.sequence, 3);
}
END_TEST

START_TEST(a_child_starts_its_own_count_also_where_its_parent_was_writing)
{
    process_status_verdict("a.example", VERDICT_LEAF_MATCH, OUTCOME_ALLOWED);
    process_status.sequence |= 1;
    const pid_t child = fork();
    if (child == 0) {
        process_status_verdict("b.example", VERDICT_PIN_MISMATCH, OUTCOME_REFUSED);
        _exit(process_status.outcomes[OUTCOME_ALLOWED] != 0 ||
              process_status.outcomes[OUTCOME_REFUSED] != 1 ||
              strcmp(process_status.host, "b.example") != 0 || process_status.sequence % 2 != 0 ||
              process_status.pid != (uint32_t)getpid());
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

enum { THREADS = 4, VERDICTS = 2000 };

static void *judge(void *host)
{
    for (int i = 0; i < VERDICTS; i++)
        process_status_verdict(host, VERDICT_LEAF_MATCH, OUTCOME_ALLOWED);
    return NULL;
}

START_TEST(threads_lose_no_count_and_leave_a_whole_verdict)
{
    static char hosts[THREADS][2] = {"a", "b", "c", "d"};
    pthread_t threads[THREADS];
    process_status_verdict("first", VERDICT_LEAF_MATCH, OUTCOME_ALLOWED);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, judge, hosts[i]), 0);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(process_status.outcomes[OUTCOME_ALLOWED], THREADS * VERDICTS + 1);
    ck_assert_uint_eq(process_status.sequence % 2, 0);
    ck_assert_uint_eq(strlen(process_status.host), 1);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("process_status");
    tcase_add_checked_fixture(tests, forget, NULL);
    tcase_add_test(tests, it_is_where_and_what_a_reader_looks_for);
    tcase_add_test(tests, the_policy_s_state_is_told);
    tcase_add_test(tests, verdicts_are_counted_and_the_last_one_is_told);
    tcase_add_test(tests, a_long_name_is_cut);
    tcase_add_test(tests, a_verdict_that_is_being_written_stays_and_the_other_is_counted);
    tcase_add_test(tests, a_child_starts_its_own_count_also_where_its_parent_was_writing);
    tcase_add_test(tests, threads_lose_no_count_and_leave_a_whole_verdict);
    return unit_run("process_status", tests);
}
