#include "hooks/handed_out.h"

#include "shim/text.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    struct entry *next;
    const char *asking; /* where the object starts that asked; NULL: no object did */
    any_function *original;
    char name[]; /* allocated with it */
};

static _Atomic(struct entry *) newest;

static const char *start_of(const void *code)
{
    struct object object;
    return platform_object(code, &object) ? object.start : NULL;
}

void handed_out_note(const void *caller, const char *name, any_function *original)
{
    const char *asking = start_of(caller);
    for (const struct entry *e = atomic_load(&newest); e; e = e->next)
        if (e->asking == asking && text_equal(e->name, name)) {
            if (e->original == original)
                return;
            break; /* it asked for another one meanwhile: the newest counts */
        }
    const size_t size = strlen(name) + 1;
    struct entry *entry = calloc(1, sizeof *entry + size);
    if (!entry)
        return;
    entry->asking = asking;
    entry->original = original;
    memcpy(entry->name, name, size);
    entry->next = atomic_load(&newest);
    while (!atomic_compare_exchange_weak(&newest, &entry->next, entry))
        ;
}

any_function *handed_out_original(const void *caller, const char *name)
{
    const char *asking = start_of(caller);
    any_function *other = NULL;
    for (const struct entry *e = atomic_load(&newest); e; e = e->next) {
        if (!text_equal(e->name, name) || !platform_defines(e->original, name))
            continue; /* another object may have come to where its own was */
        if (e->asking == asking)
            return e->original;
        if (!other)
            other = e->original;
    }
    return other;
}
