#include "hooks/platform.h"

#include "hooks/elf/dynamic.h"
#include "hooks/elf/loader.h"

#include <link.h>
#include <stddef.h>
#include <string.h>

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

void *platform_open(const struct object *object)
{
    struct loader loader;
    if (!loader_find(&loader))
        return NULL;
    /* The program's own name is empty, which dlopen knows as NULL. */
    void *handle = loader.open(object->name[0] ? object->name : NULL, RTLD_LAZY | RTLD_NOLOAD);
    if (!handle)
        (void)dlerror();
    return handle;
}

void platform_close(void *handle)
{
    (void)dlclose(handle);
}

bool platform_is_own(const void *address)
{
    extern const char __ehdr_start[] __attribute__((visibility("hidden")));
    struct object self;
    return platform_object(__ehdr_start, &self) && platform_within(&self, address);
}

/* The function that a loaded object itself defines by this name; NULL. */
static any_function *defined(const struct link_map *map, const char *name)
{
    const struct dynamic dynamic = dynamic_read(map->l_addr, map->l_ld);
    return dynamic_function(&dynamic, name);
}

bool platform_defines(any_function *function, const char *name)
{
    struct dl_find_object found;
    return _dl_find_object(__extension__(void *) function, &found) == 0 &&
           defined(found.dlfo_link_map, name) == function;
}

static bool is_never_unloaded(const struct link_map *map)
{
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_FLAGS_1)
            return entry->d_un.d_val & DF_1_NODELETE;
    return false;
}

any_function *platform_lasting(const struct object *object, const char *name)
{
    struct dl_find_object found;
    if (_dl_find_object((void *)object->start, &found) != 0 || !is_never_unloaded(found.dlfo_link_map))
        return NULL;
    return defined(found.dlfo_link_map, name);
}

/* A function by dlsym; a failure isn't left in the program's own dlerror. NULL instead of a definition in
 * this library: calling that would never end. */
any_function *platform_symbol(void *handle, const char *name)
{
    struct loader loader;
    void *found = NULL;
    if (loader_find(&loader))
        found = loader.symbol(handle, name);
    if (!found)
        (void)dlerror();
    else if (platform_is_own(found))
        found = NULL;
    return __extension__(any_function *) found;
}
