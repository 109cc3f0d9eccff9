#include "hooks/elf/loader.h"

#include "hooks/elf/dynamic.h"

#include <errno.h>
#include <stdatomic.h>

bool loader_find(struct loader *loader)
{
    /* A function of the C library that nobody interposes; Firefox has a __register_atfork of its own. */
    struct dl_find_object found;
    if (_dl_find_object(__extension__(void *) __errno_location, &found) != 0)
        return false;
    const struct link_map *map = found.dlfo_link_map;
    const struct dynamic dynamic = dynamic_read(map->l_addr, map->l_ld);
    *loader = (struct loader){
        .open = (__typeof__(&dlopen))dynamic_function(&dynamic, "dlopen"),
        .symbol = (__typeof__(&dlsym))dynamic_function(&dynamic, "dlsym"),
        .versioned_symbol = (__typeof__(&dlvsym))dynamic_function(&dynamic, "dlvsym"),
        .library = map->l_name,
    };
    return loader->open && loader->symbol && loader->versioned_symbol;
}
