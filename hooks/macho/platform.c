#include "hooks/platform.h"

#include "hooks/macho/image.h"
#include "hooks/macho/interposed.h"

#include <dlfcn.h>
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

/* dyld doesn't tell which library stays. */
any_function *platform_lasting(const struct object *object, const char *name)
{
    (void)object, (void)name;
    return NULL;
}

/* A function by dlsym; a failure isn't left in the program's own dlerror. dyld answers with our hook where it
 * finds what it has interposed: that is the original, then. */
any_function *platform_symbol(void *handle, const char *name)
{
    const void *found = dlsym(handle, name);
    if (!found)
        (void)dlerror();
    else if (platform_is_own(found))
        return interposed_original(name);
    return __extension__(any_function *) found;
}
