#include "hooks/platform.h"

#include "hooks/handed_out.h"
#include "hooks/macho/image.h"
#include "hooks/macho/interposed.h"

#include <dlfcn.h>
#include <errno.h>
#include <mach-o/loader.h>
#include <stddef.h>
#include <string.h>

/* Its code alone: in the system's cache of libraries, the other segments of one lie among those of all. */
bool platform_object(const void *address, struct object *object)
{
    Dl_info found;
    if (!dladdr(address, &found))
        return false;
    *object = (struct object){
        .start = found.dli_fbase,
        .end = (const char *)found.dli_fbase + image_code_size(found.dli_fbase),
        .name = image_is_program(found.dli_fbase) ? "" : found.dli_fname,
    };
    return true;
}

bool platform_within(const struct object *object, const void *address)
{
    return (const char *)address >= object->start && (const char *)address < object->end;
}

void *platform_open(const struct object *object)
{
    void *handle = dlopen(object->name[0] ? object->name : NULL, RTLD_LAZY | RTLD_NOLOAD);
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
    extern const struct mach_header_64 __dso_handle;
    Dl_info found;
    return dladdr(address, &found) && found.dli_fbase == &__dso_handle;
}

bool platform_defines(any_function *function, const char *name)
{
    Dl_info found;
    const void *address = __extension__(void *) function;
    return dladdr(address, &found) && found.dli_saddr == address && found.dli_sname &&
           strcmp(found.dli_sname, name) == 0;
}

/* A function by dlsym; a failure isn't left in the program's own dlerror. dyld answers with our hook where it
 * finds what it has interposed: that is the original, then. */
static any_function *look_up(void *handle, const char *name)
{
    const void *found = dlsym(handle, name);
    if (!found)
        (void)dlerror();
    else if (platform_is_own(found))
        return interposed_original(name);
    return __extension__(any_function *) found;
}

any_function *platform_symbol(void *handle, const char *name)
{
    return look_up(handle, name);
}

bool platform_symbols(void *handle, const char *names, any_function **functions)
{
    for (const char *name = names; *name; name += strlen(name) + 1)
        if (!(*functions++ = look_up(handle, name)))
            return false;
    return true;
}

any_function *platform_next(const char *name)
{
    return look_up(RTLD_NEXT, name);
}

any_function *platform_original(const void *caller, const char *name)
{
    const int saved = errno;
    struct object object;
    any_function *function = NULL;
    if (platform_object(caller, &object)) {
        void *handle = platform_open(&object);
        if (handle) {
            function = look_up(handle, name);
            platform_close(handle);
        }
    }
    if (!function)
        function = handed_out_original(caller, name);
    if (!function)
        function = look_up(RTLD_NEXT, name);
    errno = saved;
    return function;
}
