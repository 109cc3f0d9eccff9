/* The TLS libraries of one kind in this process, each with its own functions: two versions, or two copies,
 * may be loaded, and an object of one must never meet a function of the other.
 *
 * An instance is met at its first object, stays for the life of the process, and is immutable from then on
 * (but for what is found late, once, by atomics): safe in threads and after fork, without a lock.
 */
#ifndef PINSHIM_HOOKS_INSTANCE_H
#define PINSHIM_HOOKS_INSTANCE_H

#include "hooks/platform.h"

#include <stdatomic.h>

/* The first member of each library's own structure. */
struct instance {
    struct instance *next; /* the one that was met before */
    struct object object;  /* the library itself; opened, so that it stays */
};

typedef _Atomic(struct instance *) instance_list; /* NULL: none met yet */

/* Zero means refused. */
enum meeting {
    MEET_NO_MEMORY = 0, /* maybe one of ours, which can't be had now: its objects would go unseen */
    MEET_OTHER,         /* another object, or a library that lacks what we need */
    MEET_KNOWN,
};

/* Makes the instance of an object that nobody has met: its functions, and what else its library needs. */
typedef enum meeting instance_make(const struct object *object, struct instance **made);

/* Lets go of an instance that another thread made first; NULL: it can't be undone, and stays unused. */
typedef void instance_drop(struct instance *made);

/* The known instance that holds this code; NULL. */
static inline struct instance *instance_of_code(instance_list *list, const void *code)
{
    struct instance *one = atomic_load(list);
    while (one && !platform_within(&one->object, code))
        one = one->next;
    return one;
}

/* The same, but one that isn't known yet becomes so. `met` is NULL where none is; errno stays. */
enum meeting instance_meet(instance_list *list, const void *code, instance_make *make, instance_drop *drop,
                           struct instance **met) __attribute__((nonnull(1, 2, 3, 5), warn_unused_result));

/* What a library is that lacks functions we need: an older one or somebody else's (MEET_OTHER), or one whose
 * dependencies the loader has lost, which glibc does, for good, where memory runs out as it lists them.
 * `name` is of a dependency that none of them is without. */
enum meeting instance_lacking(void *handle, const char *name) __attribute__((nonnull, warn_unused_result));

#endif
