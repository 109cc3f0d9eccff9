#include "shim/registry.h"

#include "shim/lock.h"

#include <stddef.h>
#include <stdint.h>

enum { BUCKETS = 1024 };

static struct registry_node *buckets[BUCKETS];

static struct registry_node **bucket(const void *object)
{
    const uint64_t mixed = (uint64_t)(uintptr_t)object * 0x9e3779b97f4a7c15U;
    return &buckets[mixed >> 54];
}

void registry_insert(struct registry_node *node)
{
    lock_watch_forks();
    struct registry_node **head = bucket(node->object);
    lock_take();
    node->next = *head;
    *head = node;
    lock_give();
}

void registry_remove(struct registry_node *node)
{
    lock_take();
    for (struct registry_node **link = bucket(node->object); *link; link = &(*link)->next)
        if (*link == node) {
            *link = node->next;
            break;
        }
    lock_give();
}

struct registry_node *registry_find(const void *object)
{
    lock_take();
    struct registry_node *node = *bucket(object);
    while (node && node->object != object)
        node = node->next;
    lock_give();
    return node;
}
