/* From a program's object (an SSL, an SSL_CTX, a session of another library) to our record of it, where the
 * object itself can't be asked, because it isn't known yet which library it belongs to.
 *
 * One table a process, under its lock (lock.h).
 */
#ifndef PINSHIM_SHIM_REGISTRY_H
#define PINSHIM_SHIM_REGISTRY_H

#include <stdbool.h>

/* The first member of every record that is registered. The registry links it, and owns nothing. */
struct registry_node {
    struct registry_node *next;
    const void *object;
};

/* `node->object` is set, and has no record yet. */
void registry_insert(struct registry_node *node) __attribute__((nonnull));

void registry_remove(struct registry_node *node) __attribute__((nonnull));

/* The record of an object that isn't being freed meanwhile (the caller's duty, as with the object itself);
 * NULL. */
struct registry_node *registry_find(const void *object) __attribute__((warn_unused_result));

#endif
