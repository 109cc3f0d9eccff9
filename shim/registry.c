#include "shim/registry.h"

#include "shim/policy.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

enum { BUCKETS = 1024 };

static struct registry_node *buckets[BUCKETS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct registry_node **bucket(const void *object)
{
    const uint64_t mixed = (uint64_t)(uintptr_t)object * 0x9e3779b97f4a7c15U;
    return &buckets[mixed >> 54];
}

static void before_fork(void)
{
    (void)pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    (void)pthread_mutex_unlock(&lock);
}

static void after_fork_in_child(void)
{
    after_fork();
    policy_after_fork();
}

/* With the first record: a program that has none pays nothing. */
static void watch_forks(void)
{
    static atomic_flag watched = ATOMIC_FLAG_INIT;
    if (!atomic_flag_test_and_set(&watched))
        (void)pthread_atfork(before_fork, after_fork, after_fork_in_child);
}

void registry_insert(struct registry_node *node)
{
    watch_forks();
    struct registry_node **head = bucket(node->object);
    (void)pthread_mutex_lock(&lock);
    node->next = *head;
    *head = node;
    (void)pthread_mutex_unlock(&lock);
}

void registry_remove(struct registry_node *node)
{
    (void)pthread_mutex_lock(&lock);
    for (struct registry_node **link = bucket(node->object); *link; link = &(*link)->next)
        if (*link == node) {
            *link = node->next;
            break;
        }
    (void)pthread_mutex_unlock(&lock);
}

struct registry_node *registry_find(const void *object)
{
    (void)pthread_mutex_lock(&lock);
    struct registry_node *node = *bucket(object);
    while (node && node->object != object)
        node = node->next;
    (void)pthread_mutex_unlock(&lock);
    return node;
}
