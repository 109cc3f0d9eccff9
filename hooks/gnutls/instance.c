#include "hooks/gnutls/instance.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic(struct libgnutls *) instances;

struct libgnutls *libgnutls_of_code(const void *code)
{
    for (struct libgnutls *lib = atomic_load(&instances); lib; lib = lib->next)
        if (platform_within(&lib->object, code))
            return lib;
    return NULL;
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

static enum meeting examine(const struct object *object, struct libgnutls **made)
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
    lib->object = *object;
    lib->api = api;
    *made = lib;
    return MEET_KNOWN; /* NOLINT(clang-analyzer-unix.Malloc): it stays */
}

static enum meeting meet(const void *code, struct libgnutls **lib)
{
    struct object object;
    if (!platform_object(code, &object))
        return MEET_OTHER;
    const enum meeting meeting = examine(&object, lib);
    if (meeting != MEET_KNOWN)
        return meeting;
    struct libgnutls *head = atomic_load(&instances);
    do {
        /* Another thread met it meanwhile: its instance stands. */
        struct libgnutls *other = libgnutls_of_code(code);
        if (other) {
            if (*lib != &first)
                free(*lib);
            *lib = other;
            return MEET_KNOWN;
        }
        (*lib)->next = head;
    } while (!atomic_compare_exchange_weak(&instances, &head, *lib));
    return MEET_KNOWN;
}

enum meeting libgnutls_meet(any_function *original, struct libgnutls **lib)
{
    const void *code = __extension__(void *) original;
    *lib = NULL;
    if (!original)
        return MEET_OTHER;
    *lib = libgnutls_of_code(code);
    if (*lib)
        return MEET_KNOWN;
    const int saved = errno;
    const enum meeting meeting = meet(code, lib);
    errno = saved;
    return meeting;
}
