/* What follows from the rest of platform.h, whatever the loader. */
#include "hooks/platform.h"

#include "hooks/handed_out.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

bool platform_symbols(void *handle, const char *names, any_function **functions)
{
    for (const char *name = names; *name; name += strlen(name) + 1)
        if (!(*functions++ = platform_symbol(handle, name)))
            return false;
    return true;
}

any_function *platform_next(const char *name)
{
    return platform_symbol(RTLD_NEXT, name);
}

any_function *platform_original(const void *caller, const char *name)
{
    /* The caller's own scope first: a library loaded RTLD_LOCAL is in no other. */
    const int saved = errno;
    struct object object;
    any_function *function = NULL;
    if (platform_object(caller, &object)) {
        void *handle = platform_open(&object);
        if (handle) {
            function = platform_symbol(handle, name);
            platform_close(handle);
        }
    }
    if (!function)
        function = handed_out_original(caller, name);
    if (!function)
        function = platform_next(name);
    errno = saved;
    return function;
}
