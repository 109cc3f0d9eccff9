#include "hooks/elf/loader.h"

#include "hooks/elf/dynamic.h"

#include <stdatomic.h>

/* The C library, by a function of its own that nobody interposes in one with dlsym. It was loaded with this
 * one at the start, as all objects before it, and stays: no lock is needed. */
static const struct link_map *c_library(struct dynamic *dynamic)
{
    extern const char __ehdr_start[] __attribute__((visibility("hidden")));
    struct dl_find_object self;
    if (_dl_find_object((void *)__ehdr_start, &self) != 0)
        return NULL;
    const struct link_map *map = self.dlfo_link_map;
    while (map->l_prev)
        map = map->l_prev;
    for (; map; map = map->l_next) {
        *dynamic = dynamic_read(map->l_addr, map->l_ld);
        if (dynamic_function(dynamic, "gnu_get_libc_version"))
            return map;
    }
    return NULL;
}

/* What a program's call of dlopen would reach without this library: another preload's, maybe. Asked of the
 * program's handle, for this library's own scope begins with itself (-Bsymbolic). */
static any_function *program_open(const struct loader *loader, any_function *c_open)
{
    void *program = c_open ? ((__typeof__(&dlopen))c_open)(NULL, RTLD_LAZY) : NULL;
    void *first = program ? loader->symbol(program, "dlopen") : NULL;
    if (first && platform_is_own(first))
        first = loader->symbol(RTLD_NEXT, "dlopen");
    return __extension__(any_function *) first;
}

static bool find(struct loader *loader)
{
    struct dynamic dynamic;
    const struct link_map *map = c_library(&dynamic);
    if (!map)
        return false;
    *loader = (struct loader){
        .symbol = (__typeof__(&dlsym))dynamic_function(&dynamic, "dlsym"),
        .versioned_symbol = (__typeof__(&dlvsym))dynamic_function(&dynamic, "dlvsym"),
        .library = map->l_name,
    };
    if (!loader->symbol || !loader->versioned_symbol)
        return false;
    loader->open = (__typeof__(&dlopen))program_open(loader, dynamic_function(&dynamic, "dlopen"));
    return loader->open != NULL;
}

bool loader_find(struct loader *loader)
{
    static struct loader known;
    static atomic_flag being_known = ATOMIC_FLAG_INIT;
    static _Atomic bool is_known;
    if (atomic_load_explicit(&is_known, memory_order_acquire)) {
        *loader = known;
        return true;
    }
    if (!find(loader))
        return false;
    if (!atomic_flag_test_and_set(&being_known)) {
        known = *loader;
        atomic_store_explicit(&is_known, true, memory_order_release);
    }
    return true;
}
