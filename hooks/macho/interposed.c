#include "hooks/macho/interposed.h"

#include "shim/text.h"

#include <stddef.h>
#include <string.h>

#define HOOKS_OPENSSL
#define HOOKS_GNUTLS
#define HOOKS_NSS
#define HOOKS_RESOLVER
#define HOOKS_LOADER

/* Weak: dyld passes over a row whose library isn't there. */
#define HOOK(library, type, name, parameters, stage)                                                         \
    extern const char hook_##name[] __asm__("_pinshim_" #name);                                              \
    extern const char original_##name[] __asm__("_" #name) __attribute__((weak_import));
#include "hooks/hooks.def"
#undef HOOK

static const struct {
    const void *hook, *original;
} rows[] __attribute__((used, section("__DATA,__interpose"))) = {
#define HOOK(library, type, name, parameters, stage) {hook_##name, original_##name},
#include "hooks/hooks.def"
#undef HOOK
};

/* In the order of the rows, each with its NUL. */
static const char names[] =
#define HOOK(library, type, name, parameters, stage) #name "\0"
#include "hooks/hooks.def"
#undef HOOK
    ;

/* The row of a name; as many as there are rows where it has none. */
static size_t row_of(const char *name)
{
    size_t row = 0;
    for (const char *known = names; *known; known += strlen(known) + 1, row++)
        if (text_equal(known, name))
            break;
    return row;
}

any_function *interposed_hook(const char *name)
{
    const size_t row = row_of(name);
    return row < sizeof rows / sizeof *rows ? __extension__(any_function *) rows[row].hook : NULL;
}

any_function *interposed_original(const char *name)
{
    const size_t row = row_of(name);
    return row < sizeof rows / sizeof *rows ? __extension__(any_function *) rows[row].original : NULL;
}
