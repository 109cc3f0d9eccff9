#include "hooks/instance.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

/* Joins the list, unless another thread's instance of the same library has done so meanwhile: that stands. */
static struct instance *join(instance_list *list, const void *code, struct instance *made,
                             instance_drop *drop)
{
    struct instance *head = atomic_load(list);
    do {
        struct instance *known = instance_of_code(list, code);
        if (known) {
            if (drop)
                drop(made);
            return known;
        }
        made->next = head;
    } while (!atomic_compare_exchange_weak(list, &head, made));
    return made;
}

enum meeting instance_meet(instance_list *list, const void *code, instance_make *make, instance_drop *drop,
                           struct instance **met)
{
    struct object object;
    *met = instance_of_code(list, code);
    if (*met)
        return MEET_KNOWN;
    if (!platform_object(code, &object))
        return MEET_OTHER;
    struct instance *made = NULL;
    const int saved = errno;
    const enum meeting meeting = make(&object, &made);
    errno = saved;
    if (meeting != MEET_KNOWN)
        return meeting;
    made->object = object;
    *met = join(list, code, made, drop);
    return MEET_KNOWN;
}

enum meeting instance_lacking(void *handle, const char *name)
{
    return platform_symbol(handle, name) ? MEET_OTHER : MEET_NO_MEMORY;
}
