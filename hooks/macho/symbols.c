#include "hooks/macho/symbols.h"

#include "hooks/handed_out.h"
#include "hooks/macho/image.h"
#include "hooks/macho/interposed.h"

#include <dlfcn.h>
#include <errno.h>
#include <mach-o/dyld.h>
#include <stddef.h>

/* machine_*.c defines it in assembly, where no compiler compares. */
#define HOOKS_LOADER
#include "hooks/declare.h"

/* This library's own dlsym, which is the original. The hook has another symbol, but the same name in C. */
extern void *original_dlsym(void *handle, const char *name) __asm__("_dlsym");

/* What one object defines itself; those of the system have no late ones. */
static void *defined_by(uint32_t image, const char *name)
{
    const char *path = _dyld_get_image_name(image);
    const struct mach_header *header = _dyld_get_image_header(image);
    if (!path || !header || image_is_of_system(header))
        return NULL;
    void *handle = dlopen(path, RTLD_LAZY | RTLD_NOLOAD | RTLD_FIRST);
    void *found = handle ? original_dlsym(handle, name) : NULL;
    if (!found)
        (void)dlerror();
    if (handle)
        (void)dlclose(handle);
    return found;
}

/* What dyld would find for the caller by RTLD_NEXT, or RTLD_SELF: in the order in which objects were loaded.
 */
static void *find_behind(const void *caller, bool itself, const char *name)
{
    Dl_info asking;
    bool behind = false;
    void *found = NULL;
    if (!dladdr(caller, &asking))
        return NULL;
    for (uint32_t i = 0, count = _dyld_image_count(); i < count && !found; i++) {
        const bool is_caller = _dyld_get_image_header(i) == asking.dli_fbase;
        if (behind || (is_caller && itself))
            found = defined_by(i, name);
        behind |= is_caller;
    }
    return found;
}

/* Where a function that dyld hasn't interposed would be found, our hook is; else dyld answers itself. */
static struct choice choose_behind(void *handle, const char *name, const void *caller)
{
    const int saved = errno;
    any_function *hook = interposed_hook(name);
    void *found = hook ? find_behind(caller, handle == RTLD_SELF, name) : NULL;
    errno = saved;
    if (!found || platform_is_own(found))
        return (struct choice){.next = __extension__(void *) original_dlsym};
    handed_out_note(caller, name, __extension__(any_function *) found);
    return (struct choice){.answer = __extension__(void *) hook};
}

struct choice symbols_choose(void *handle, const char *name, const void *unused, const void *caller)
{
    (void)unused;
    if (handle == RTLD_NEXT || handle == RTLD_SELF) /* of the caller's */
        return choose_behind(handle, name, caller);
    void *found = original_dlsym(handle, name);
    any_function *hook = found ? interposed_hook(name) : NULL;
    if (!hook || platform_is_own(found))
        return (struct choice){.answer = found};
    handed_out_note(caller, name, __extension__(any_function *) found);
    return (struct choice){.answer = __extension__(void *) hook};
}
