#include "hooks/nss/instance.h"

#include <stdlib.h>

static instance_list instances;

struct nss *nss_newest(void)
{
    return (struct nss *)atomic_load(&instances);
}

struct nss *nss_before(const struct nss *lib)
{
    return (struct nss *)lib->instance.next;
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

static void drop(struct instance *made)
{
    platform_close(((struct nss *)made)->handle);
    if (made != &first.instance)
        free(made);
}

/* A libssl3 that has all we need is known by what it defines, not by its file's name. */
static enum meeting examine(const struct object *object, struct instance **made)
{
    struct nss_api api;
    void *handle = platform_open(object);
    if (!handle)
        return MEET_NO_MEMORY; /* an object that is loaded can't be missing */
    any_function *probe = platform_symbol(handle, "SSL_ImportFD");
    const bool is_libssl3 = probe && platform_within(object, __extension__(void *) probe);
    if (!is_libssl3 || !find_functions(&api, handle)) {
        const enum meeting meeting = is_libssl3 ? instance_lacking(handle, "PR_GetError") : MEET_OTHER;
        platform_close(handle);
        return meeting;
    }
    struct nss *lib = instance_new();
    if (!lib) {
        platform_close(handle);
        return MEET_NO_MEMORY;
    }
    lib->handle = handle;
    lib->api = api;
    find_experimental(lib);
    *made = &lib->instance;
    return MEET_KNOWN;
}

enum meeting nss_meet(const void *code, struct nss **lib)
{
    struct instance *met = NULL;
    const enum meeting meeting = instance_meet(&instances, code, examine, drop, &met);
    *lib = (struct nss *)met;
    return meeting;
}
