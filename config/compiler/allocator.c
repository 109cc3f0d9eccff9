/* The program's memory, inside libpinshim-compile.so. RTLD_DEEPBIND binds us and the libraries we need to the
 * C library's own allocator, but where a program brings another (jemalloc, tcmalloc), what asprintf and
 * strdup of the C library return is from that one. These stand first in our scope, and lead to the one that
 * all others use.
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

#define EXPORTED __attribute__((visibility("default")))

/* What the program's name stands for, found once. Looking it up allocates nothing by these functions. */
static void *program_function(_Atomic(void *) *found, const char *name)
{
    void *function = atomic_load(found);
    if (function)
        return function;
    void *program = dlopen(NULL, RTLD_LAZY | RTLD_NOLOAD);
    function = program ? dlsym(program, name) : NULL;
    atomic_store(found, function);
    return function;
}

/* `name` as the program knows it; NULL. */
#define PROGRAM(name)                                                                                        \
    ({                                                                                                       \
        static _Atomic(void *) found;                                                                        \
        (__typeof__(&(name)))program_function(&found, #name);                                                \
    })

EXPORTED void *malloc(size_t size)
{
    void *(*program)(size_t) = PROGRAM(malloc);
    return program ? program(size) : NULL;
}

EXPORTED void *calloc(size_t count, size_t size)
{
    void *(*program)(size_t, size_t) = PROGRAM(calloc);
    return program ? program(count, size) : NULL;
}

EXPORTED void *realloc(void *memory, size_t size)
{
    void *(*program)(void *, size_t) = PROGRAM(realloc);
    return program ? program(memory, size) : NULL;
}

EXPORTED void free(void *memory)
{
    void (*program)(void *) = PROGRAM(free);
    if (program)
        program(memory);
}
