#include "hooks/platform.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stddef.h>

bool platform_object(const void *address, struct object *object)
{
    struct dl_find_object found;
    if (_dl_find_object((void *)address, &found) != 0)
        return false;
    *object = (struct object){
        .start = found.dlfo_map_start,
        .end = found.dlfo_map_end,
        .name = found.dlfo_link_map->l_name,
    };
    return true;
}

bool platform_within(const struct object *object, const void *address)
{
    return (const char *)address >= object->start && (const char *)address < object->end;
}

void *platform_open(const struct object *object)
{
    /* The program's own name is empty, which dlopen knows as NULL. */
    void *handle = dlopen(object->name[0] ? object->name : NULL, RTLD_LAZY | RTLD_NOLOAD);
    if (!handle)
        (void)dlerror();
    return handle;
}

void platform_close(void *handle)
{
    (void)dlclose(handle);
}

/* dlsym whose failure the program doesn't find in its own dlerror. */
static void *look_up(void *handle, const char *name)
{
    void *symbol = dlsym(handle, name);
    if (!symbol)
        (void)dlerror();
    return symbol;
}

/* NULL instead of a definition in this library: calling that would never end. */
static void *not_ours(void *symbol)
{
    extern const char __ehdr_start[] __attribute__((visibility("hidden")));
    struct object self;
    if (!symbol || !platform_object(__ehdr_start, &self) || platform_within(&self, symbol))
        return NULL;
    return symbol;
}

void *platform_symbol(void *handle, const char *name)
{
    return not_ours(look_up(handle, name));
}

void *platform_original(const void *caller, const char *name)
{
    /* The caller's own scope first: a library loaded RTLD_LOCAL is in no other. */
    const int saved = errno;
    struct object object;
    void *symbol = NULL;
    if (platform_object(caller, &object)) {
        void *handle = platform_open(&object);
        if (handle) {
            symbol = platform_symbol(handle, name);
            platform_close(handle);
        }
    }
    if (!symbol)
        symbol = not_ours(look_up(RTLD_NEXT, name));
    errno = saved;
    return symbol;
}
