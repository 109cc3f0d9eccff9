#include "hooks/nss/instance.h"

#include <stdlib.h>

static _Atomic(struct nss *) instances;

struct nss *nss_instances(void)
{
    return atomic_load(&instances);
}

static struct nss *known(const void *code)
{
    for (struct nss *lib = nss_instances(); lib; lib = lib->next)
        if (platform_within(&lib->object, code))
            return lib;
    return NULL;
}

/* The functions by name; false where one is missing. */
static bool find_functions(struct nss_api *api, void *handle)
{
    static const char names[] =
#define API(name) #name "\0"
#include "hooks/nss/api.def"
#undef API
        ;
    return platform_symbols(handle, names, (any_function **)api); /* nothing but pointers, in this order */
}

/* Asks the library for the functions that only its name for them leads to. */
static void find_experimental(struct nss *lib)
{
    const PRErrorCode code = lib->api.PR_GetError();
    const PRInt32 os = lib->api.PR_GetOSError();
    lib->set_token =
        __extension__(token_function *) lib->api.SSL_GetExperimentalAPI("SSL_SetResumptionToken");
    lib->add_psk = __extension__(psk_function *) lib->api.SSL_GetExperimentalAPI("SSL_AddExternalPsk");
    lib->add_early_psk =
        __extension__(psk_early_function *) lib->api.SSL_GetExperimentalAPI("SSL_AddExternalPsk0Rtt");
    lib->remove_psk =
        __extension__(psk_removal_function *) lib->api.SSL_GetExperimentalAPI("SSL_RemoveExternalPsk");
    lib->api.PR_SetError(code, os);
}

/* Most processes have one instance, and need no memory for it. */
static struct nss first;

static struct nss *instance_new(void)
{
    static atomic_flag taken = ATOMIC_FLAG_INIT;
    return atomic_flag_test_and_set(&taken) ? calloc(1, sizeof first) : &first;
}

/* Of one that nobody has seen. */
static void instance_drop(struct nss *lib)
{
    platform_close(lib->handle);
    if (lib != &first)
        free(lib);
}

/* A libssl3 that has all we need is known by what it defines, not by its file's name. */
static enum nss_meeting examine(const struct object *object, struct nss **lib)
{
    struct nss_api api;
    void *handle = platform_open(object);
    if (!handle)
        return NSS_NO_MEMORY; /* an object that is loaded can't be missing */
    any_function *probe = platform_symbol(handle, "SSL_ImportFD");
    if (!probe || !platform_within(object, __extension__(void *) probe) || !find_functions(&api, handle)) {
        platform_close(handle);
        return NSS_OTHER;
    }
    struct nss *made = instance_new();
    if (!made) {
        platform_close(handle);
        return NSS_NO_MEMORY;
    }
    made->object = *object;
    made->handle = handle;
    made->api = api;
    find_experimental(made);
    *lib = made;
    return NSS_KNOWN;
}

enum nss_meeting nss_meet(const void *code, struct nss **lib)
{
    struct object object;
    *lib = known(code);
    if (*lib)
        return NSS_KNOWN;
    if (!platform_object(code, &object))
        return NSS_OTHER;
    const enum nss_meeting meeting = examine(&object, lib);
    if (meeting != NSS_KNOWN)
        return meeting;
    struct nss *head = atomic_load(&instances);
    do {
        struct nss *other = known(code);
        if (other) { /* another thread met it meanwhile */
            instance_drop(*lib);
            *lib = other;
            return NSS_KNOWN;
        }
        (*lib)->next = head;
    } while (!atomic_compare_exchange_weak(&instances, &head, *lib));
    return NSS_KNOWN;
}
