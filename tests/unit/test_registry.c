/* The registry under threads and forks: finds what is in it, nothing else, and never stands still. */
#include "shim/registry.h"
#include "tests/unit/unit.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 32, OBJECTS = 200, FORKS = 50 };

static void *come_and_go(void *argument)
{
    struct registry_node nodes[OBJECTS];
    char *objects = argument;
    for (int i = 0; i < OBJECTS; i++) {
        nodes[i] = (struct registry_node){.object = objects + i};
        registry_insert(&nodes[i]);
    }
    for (int i = 0; i < OBJECTS; i++) {
        if (registry_find(objects + i) != &nodes[i] || registry_find(nodes))
            return objects;
        registry_remove(&nodes[i]);
        if (registry_find(objects + i))
            return objects;
    }
    return NULL;
}

START_TEST(threads_find_their_own_records)
{
    static char objects[THREADS][OBJECTS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, come_and_go, objects[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        void *failed;
        ck_assert_int_eq(pthread_join(threads[i], &failed), 0);
        ck_assert_ptr_null(failed);
    }
}
END_TEST

static atomic_bool stop;

static void *never_rest(void *argument)
{
    while (!stop)
        if (come_and_go(argument))
            return argument;
    return NULL;
}

START_TEST(a_child_forked_in_the_midst_can_use_it)
{
    static char theirs[OBJECTS], ours[OBJECTS];
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, never_rest, theirs), 0);
    for (int i = 0; i < FORKS; i++) {
        const pid_t child = fork();
        if (child == 0)
            _exit(come_and_go(ours) ? 1 : 0);
        int status;
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    stop = true;
    void *failed;
    ck_assert_int_eq(pthread_join(thread, &failed), 0);
    ck_assert_ptr_null(failed);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("registry");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, threads_find_their_own_records);
    tcase_add_test(tests, a_child_forked_in_the_midst_can_use_it);
    return unit_run("registry", tests);
}
