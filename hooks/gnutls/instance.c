#include "hooks/gnutls/instance.h"

#include <stdatomic.h>
#include <stdlib.h>

static instance_list instances;

struct libgnutls *libgnutls_of_code(const void *code)
{
    return (struct libgnutls *)instance_of_code(&instances, code);
}

/* The functions by name; false where one is missing. */
static bool find_functions(struct libgnutls_api *api, void *handle)
{
    static const char names[] =
#define API(name) #name "\0"
#include "hooks/gnutls/api.def"
#undef API
        ;
    return platform_symbols(handle, names, (any_function **)api); /* nothing but pointers, in this order */
}

/* Most processes have one instance, and need no memory for it. */
static struct libgnutls first;

static struct libgnutls *instance_new(void)
{
    static atomic_flag taken = ATOMIC_FLAG_INIT;
    return atomic_flag_test_and_set(&taken) ? calloc(1, sizeof first) : &first;
}

static enum meeting examine(const struct object *object, struct instance **made)
{
    struct libgnutls_api api;
    void *handle = platform_open(object);
    if (!handle)
        return MEET_NO_MEMORY; /* an object that is loaded can't be missing */
    if (!find_functions(&api, handle)) {
        platform_close(handle);
        return MEET_OTHER;
    }
    struct libgnutls *lib = instance_new();
    if (!lib)
        return MEET_NO_MEMORY;
    lib->api = api;
    *made = &lib->instance;
    return MEET_KNOWN; /* NOLINT(clang-analyzer-unix.Malloc): it stays */
}

/* Its library's handle is the other's, too: closed by nobody. */
static void drop(struct instance *made)
{
    if (made != &first.instance)
        free(made);
}

enum meeting libgnutls_meet(any_function *original, struct libgnutls **lib)
{
    *lib = NULL;
    if (!original)
        return MEET_OTHER;
    struct instance *met = NULL;
    const enum meeting meeting =
        instance_meet(&instances, __extension__(void *) original, examine, drop, &met);
    *lib = (struct libgnutls *)met;
    return meeting;
}
