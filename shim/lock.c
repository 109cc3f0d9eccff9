#include "shim/lock.h"

#include "shim/policy.h"

#include <pthread.h>
#include <stdatomic.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void lock_take(void)
{
    (void)pthread_mutex_lock(&lock);
}

void lock_give(void)
{
    (void)pthread_mutex_unlock(&lock);
}

static void after_fork_in_child(void)
{
    lock_give();
    policy_after_fork();
}

void lock_watch_forks(void)
{
    static atomic_flag watched = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&watched) && pthread_atfork(lock_take, lock_give, after_fork_in_child) != 0)
        atomic_flag_clear(&watched); /* no memory: the next one tries again */
}
