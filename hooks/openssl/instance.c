#include "hooks/openssl/instance.h"

#include "hooks/openssl/record.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic(struct openssl *) instances;

struct openssl *openssl_of_code(const void *code)
{
    for (struct openssl *lib = atomic_load(&instances); lib; lib = lib->next)
        if (platform_within(&lib->object, code))
            return lib;
    return NULL;
}

struct openssl *openssl_of_verify(int (*verify)(X509_STORE_CTX *))
{
    for (struct openssl *lib = atomic_load(&instances); lib; lib = lib->next)
        if (lib->api.X509_verify_cert == verify)
            return lib;
    return NULL;
}

/* The functions by name; false where one is missing. */
static bool find_functions(struct openssl_api *api, void *handle)
{
    /* One string, not an array of pointers: the loader would relocate each of those at every program's start.
     */
    static const char names[] =
#define API(name) #name "\0"
#include "hooks/openssl/api.def"
#undef API
        ;
    any_function **function =
        (any_function **)api; /* nothing but pointers to functions, in the table's order */
    for (const char *name = names; *name; name += strlen(name) + 1)
        if (!(*function++ = platform_symbol(handle, name)))
            return false;
    return true;
}

static bool find_defaults(struct openssl *lib)
{
    X509_STORE *store = lib->api.X509_STORE_new();
    X509_STORE_CTX *ctx = lib->api.X509_STORE_CTX_new();
    const bool made = store && ctx && lib->api.X509_STORE_CTX_init(ctx, store, NULL, NULL);
    if (made) {
        lib->default_verify = lib->api.X509_STORE_CTX_get_verify(ctx);
        lib->default_check_issued = lib->api.X509_STORE_CTX_get_check_issued(ctx);
        lib->default_get_issuer = lib->api.X509_STORE_CTX_get_get_issuer(ctx);
    }
    lib->api.X509_STORE_CTX_free(ctx);
    lib->api.X509_STORE_free(store);
    return made;
}

/* A libssl that has all we need, ready to be used; NULL. It is known by what it defines, not by its file's
 * name. */
static struct openssl *examine(const struct object *object)
{
    void *handle = platform_open(object);
    if (!handle)
        return NULL;
    any_function *probe = platform_symbol(handle, "SSL_CTX_new");
    struct openssl *lib = NULL;
    if (probe && platform_within(object, __extension__(void *) probe))
        lib = calloc(1, sizeof *lib);
    if (lib) {
        lib->object = *object;
        if (find_functions(&lib->api, handle) && find_defaults(lib) && records_register(lib))
            return lib;
        free(lib);
    }
    platform_close(handle);
    return NULL;
}

struct openssl *openssl_meet(const void *code)
{
    struct openssl *lib = openssl_of_code(code);
    struct object object;
    if (lib || !platform_object(code, &object) || !(lib = examine(&object)))
        return lib;
    struct openssl *head = atomic_load(&instances);
    do {
        /* Another thread met it meanwhile: its instance stands; ours stays unused, for OpenSSL can't forget
         * it. */
        struct openssl *known = openssl_of_code(code);
        if (known)
            return known;
        lib->next = head;
    } while (!atomic_compare_exchange_weak(&instances, &head, lib));
    atomic_store(&lib->live, true);
    return lib;
}
