/* What the hooks ask of the platform's loader. A folder per system fills it: elf/, macho/.
 *
 * Thread-safe; nothing is cached here.
 */
#ifndef PINSHIM_HOOKS_PLATFORM_H
#define PINSHIM_HOOKS_PLATFORM_H

#include <stdbool.h>

/* Any function, until it is cast to what it is. */
typedef void any_function(void);

/* A loaded object: a program or a shared library. */
struct object {
    const char *start, *end; /* its mapping; its code at least */
    const char *name;        /* as the loader knows it: "" for the program; the loader's memory */
};

/* The object that holds an address; false where none does. */
bool platform_object(const void *address, struct object *object) __attribute__((nonnull, warn_unused_result));

/* True where an address lies in an object. */
static inline bool platform_within(const struct object *object, const void *address)
{
    return (const char *)address >= object->start && (const char *)address < object->end;
}

/* True where an address lies in this library itself. */
bool platform_is_own(const void *address) __attribute__((warn_unused_result));

/* True where a loaded object defines the function at this very address, by this name. */
bool platform_defines(any_function *function, const char *name) __attribute__((nonnull, warn_unused_result));

/* The function that an object itself defines by this name, without the loader's lock, where the object is
 * never unloaded; NULL where it may be, or defines none. */
any_function *platform_lasting(const struct object *object, const char *name)
    __attribute__((nonnull, warn_unused_result));

/* A handle by which an object that is loaded stays so until platform_close; NULL where that can't be had. */
void *platform_open(const struct object *object) __attribute__((nonnull, warn_unused_result));
void platform_close(void *handle) __attribute__((nonnull));

/* What `name` means in an object that was opened: its own definition or that of its dependencies. NULL where
 * there is none, and where it would be this library's. */
any_function *platform_symbol(void *handle, const char *name) __attribute__((nonnull, warn_unused_result));

/* The same for each of `names`, which one string holds, every name with its NUL, and an empty one at the end
 * (an array of pointers the loader would relocate at every program's start): `functions` in their order.
 * False where one is missing. */
bool platform_symbols(void *handle, const char *names, any_function **functions)
    __attribute__((nonnull, warn_unused_result));

/* The next definition of `name` behind this library's, in the order of the program's own scope; NULL. */
any_function *platform_next(const char *name) __attribute__((nonnull, warn_unused_result));

/* What a call of `name` from the code at `caller` would have reached without this library; NULL: nothing. */
any_function *platform_original(const void *caller, const char *name)
    __attribute__((nonnull, warn_unused_result));

#endif
