#include "hooks/elf/symbols.h"

#include "hooks/elf/deepbind.h"
#include "hooks/elf/dynamic.h"
#include "hooks/elf/loader.h"
#include "hooks/handed_out.h"

#include <errno.h>
#include <stdatomic.h>

/* machine_*.c defines them in assembly, where no compiler compares. */
#define HOOKS_ELF
#define HOOKS_LOADER
#include "hooks/declare.h"

/* An object was loaded past us, in a way that didn't let us see which. */
static _Atomic bool unseen;

/* The answer, and the error, of a look-up that finds nothing. The handle stays open: to close it would take
 * the error away. */
static void *not_found(const struct loader *loader, const char *name)
{
    return loader->symbol(loader->open(loader->library, RTLD_LAZY | RTLD_NOLOAD), name);
}

/* True where our hook would be found, and nothing is behind it: no library that it stands for is loaded. The
 * cheap question first: AddressSanitizer's runtime asks for getaddrinfo before it can allocate. */
static bool is_absent(const char *name, const void *caller)
{
    return name && dynamic_hook(name) && !platform_next(name) && !platform_original(caller, name);
}

/* What a look-up that gave `found` answers: our hook for a function that we interpose. */
static void *instead_of(const struct loader *loader, void *found, const char *name, const void *caller)
{
    any_function *hook = found ? dynamic_hook(name) : NULL;
    if (!hook)
        return found;
    if (platform_is_own(found)) /* in the program's own scope */
        return is_absent(name, caller) ? not_found(loader, name) : found;
    handed_out_note(caller, name, __extension__(any_function *) found);
    return __extension__(void *) hook;
}

static void patch_unseen(void)
{
    if (atomic_exchange(&unseen, false))
        deepbind_patch(NULL);
}

/* RTLD_NEXT and RTLD_DEFAULT mean something else to each caller: the loader answers it itself. */
static bool depends_on_caller(const void *handle)
{
    return handle == RTLD_NEXT || handle == RTLD_DEFAULT;
}

/* The next dlsym, dlvsym or dlopen behind ours: another interposer's, maybe. */
static void *next_of(const struct loader *loader, const char *name)
{
    return loader->symbol(RTLD_NEXT, name);
}

struct choice symbols_choose(void *handle, const char *name, const void *unused, const void *caller)
{
    (void)unused;
    struct loader loader;
    if (!loader_find(&loader))
        return (struct choice){0};
    patch_unseen();
    void *next = next_of(&loader, "dlsym");
    if (!depends_on_caller(handle))
        return (struct choice){
            .answer = instead_of(&loader, ((__typeof__(&dlsym))next)(handle, name), name, caller)};
    if (is_absent(name, caller))
        return (struct choice){.answer = not_found(&loader, name)};
    return (struct choice){.next = next};
}

struct choice symbols_choose_versioned(void *handle, const char *name, const char *version,
                                       const void *caller)
{
    struct loader loader;
    if (!loader_find(&loader))
        return (struct choice){0};
    patch_unseen();
    void *next = next_of(&loader, "dlvsym");
    if (depends_on_caller(handle))
        return (struct choice){.next = next};
    return (struct choice){
        .answer = instead_of(&loader, ((__typeof__(&dlvsym))next)(handle, name, version), name, caller)};
}

/* As the loader has it: a name without a folder is looked for along the caller's path, and $ORIGIN is the
 * caller's folder. */
static bool is_found_by_caller(const char *file)
{
    bool folder = false, token = false;
    for (; *file; file++) {
        folder |= *file == '/';
        token |= *file == '$';
    }
    return !folder || token;
}

struct choice symbols_choose_open(const char *file, int flags, const void *unused, const void *caller)
{
    (void)unused, (void)caller;
    struct loader loader;
    if (!loader_find(&loader))
        return (struct choice){0};
    void *next = next_of(&loader, "dlopen");
    if (!file || !(flags & RTLD_DEEPBIND))
        return (struct choice){.next = next};
    if (is_found_by_caller(file)) { /* only it can ask */
        atomic_store(&unseen, true);
        return (struct choice){.next = next};
    }
    void *handle = ((__typeof__(&dlopen))next)(file, flags);
    const int saved = errno;
    if (handle)
        deepbind_patch(handle);
    errno = saved;
    return (struct choice){.answer = handle};
}
