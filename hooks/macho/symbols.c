#include "hooks/macho/symbols.h"

#include "hooks/handed_out.h"
#include "hooks/macho/interposed.h"

#include <dlfcn.h>
#include <stddef.h>

/* machine_*.c defines it in assembly, where no compiler compares. */
#define HOOKS_LOADER
#include "hooks/declare.h"

/* This library's own dlsym, which is the original. The hook has another symbol, but the same name in C. */
extern void *original_dlsym(void *handle, const char *name) __asm__("_dlsym");

struct choice symbols_choose(void *handle, const char *name, const void *unused, const void *caller)
{
    (void)unused;
    if (handle == RTLD_NEXT || handle == RTLD_SELF) /* of the caller's: dyld answers that itself */
        return (struct choice){.next = __extension__(void *) original_dlsym};
    void *found = original_dlsym(handle, name);
    any_function *hook = found ? interposed_hook(name) : NULL;
    if (!hook || platform_is_own(found))
        return (struct choice){.answer = found};
    handed_out_note(caller, name, __extension__(any_function *) found);
    return (struct choice){.answer = __extension__(void *) hook};
}
