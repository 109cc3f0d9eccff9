/* What is done for a host once a minute. */
#include "shim/host_pause.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <pthread.h>
#include <stdio.h>

START_TEST(each_host_has_its_turn_once)
{
    struct host_pause pause = {0};
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < HOST_PAUSE_HOSTS; i++) {
            char host[32];
            (void)snprintf(host, sizeof host, "%d.example", i);
            ck_assert_int_eq(host_pause_claim(&pause, host), round == 0);
        }
    ck_assert(!host_pause_claim(&pause, "one.too.many.example"));
}
END_TEST

START_TEST(a_minute_later_it_is_its_turn_again)
{
    struct host_pause pause = {0};
    ck_assert(host_pause_claim(&pause, "a.example"));
    for (int i = 0; i < HOST_PAUSE_HOSTS; i++) /* in the upper half: when */
        if (atomic_load(&pause.done[i]))
            atomic_fetch_sub(&pause.done[i], (uint64_t)HOST_PAUSE << 32);
    ck_assert(host_pause_claim(&pause, "a.example"));
    ck_assert(!host_pause_claim(&pause, "a.example"));
}
END_TEST

static void *claim(void *pause)
{
    return host_pause_claim(pause, "a.example") ? pause : NULL;
}

START_TEST(of_many_threads_one_has_it)
{
    enum { THREADS = 16, ROUNDS = 100 };
    for (int round = 0; round < ROUNDS; round++) {
        struct host_pause pause = {0};
        pthread_t threads[THREADS];
        int claims = 0;
        for (int i = 0; i < THREADS; i++)
            ck_assert_int_eq(pthread_create(&threads[i], NULL, claim, &pause), 0);
        for (int i = 0; i < THREADS; i++) {
            void *claimed;
            ck_assert_int_eq(pthread_join(threads[i], &claimed), 0);
            claims += claimed != NULL;
        }
        ck_assert_int_eq(claims, 1);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("host pause");
    tcase_add_test(tcase, each_host_has_its_turn_once);
    tcase_add_test(tcase, a_minute_later_it_is_its_turn_again);
    tcase_add_test(tcase, of_many_threads_one_has_it);
    return unit_run("host pause", tcase);
}
