#include "hooks/openssl/instance.h"

#include <stdatomic.h>
#include <stdlib.h>

static instance_list instances;

struct openssl *openssl_of_code(const void *code)
{
    return (struct openssl *)instance_of_code(&instances, code);
}

static struct openssl *newest(void)
{
    return (struct openssl *)atomic_load(&instances);
}

static struct openssl *before(const struct openssl *lib)
{
    return (struct openssl *)lib->instance.next;
}

struct openssl *openssl_of_verify(int (*verify)(X509_STORE_CTX *))
{
    for (struct openssl *lib = newest(); lib; lib = before(lib))
        if (lib->api.X509_verify_cert == verify)
            return lib;
    return NULL;
}

/* The functions by name; false where one is missing. */
static bool find_functions(struct openssl_api *api, void *handle)
{
    static const char names[] =
#define API(name) #name "\0"
#include "hooks/openssl/api.def"
#undef API
        ;
    return platform_symbols(handle, names, (any_function **)api); /* nothing but pointers, in this order */
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

/* Most processes have one instance, and need no memory for it. */
static struct openssl *instance_new(void)
{
    static struct openssl first;
    static atomic_flag taken = ATOMIC_FLAG_INIT;
    return atomic_flag_test_and_set(&taken) ? calloc(1, sizeof first) : &first;
}

/* OpenSSL can't be asked for a thread's context but by the call that sets one: with NULL it sets none. */
bool openssl_is_at_home(const struct openssl *lib)
{
    return lib->api.OSSL_LIB_CTX_set0_default(NULL) == lib->home;
}

/* An index is of the thread's library context. Ours is of the one that all threads have that set none, and
 * that is never freed: at the address of another, the next may be made. */
static bool find_session_index(struct openssl *lib)
{
    OSSL_LIB_CTX *home = lib->api.OSSL_LIB_CTX_get0_global_default();
    OSSL_LIB_CTX *context = lib->api.OSSL_LIB_CTX_set0_default(home);
    lib->home = home;
    lib->session_index = -1;
    if (openssl_is_at_home(lib))
        lib->session_index =
            lib->api.CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_SESSION, 0, NULL, NULL, NULL, NULL);
    (void)lib->api.OSSL_LIB_CTX_set0_default(context);
    return lib->session_index >= 0;
}

/* Makes the instance of a libssl ready to be used. It stays, and so does the handle, also where memory is out
 * in the midst. */
static enum meeting make_ready(const struct openssl_api *api, struct instance **made)
{
    struct openssl *lib = instance_new();
    if (!lib)
        return MEET_NO_MEMORY;
    lib->api = *api;
    const bool ready = find_defaults(lib) && find_session_index(lib);
    if (ready)
        *made = &lib->instance;
    return ready ? MEET_KNOWN : MEET_NO_MEMORY; /* NOLINT(clang-analyzer-unix.Malloc): it stays, as said */
}

/* A libssl that has all we need is known by what it defines, not by its file's name. */
static enum meeting examine(const struct object *object, struct instance **made)
{
    struct openssl_api api;
    void *handle = platform_open(object);
    if (!handle)
        return MEET_NO_MEMORY; /* an object that is loaded can't be missing */
    any_function *probe = platform_symbol(handle, "SSL_CTX_new");
    const bool is_libssl = probe && platform_within(object, __extension__(void *) probe);
    if (is_libssl && find_functions(&api, handle))
        return make_ready(&api, made);
    const enum meeting meeting = is_libssl ? instance_lacking(handle, "ERR_get_error") : MEET_OTHER;
    platform_close(handle);
    return meeting;
}

enum meeting openssl_meet(const void *code, struct openssl **lib)
{
    struct instance *met = NULL;
    const enum meeting meeting = instance_meet(&instances, code, examine, NULL, &met);
    *lib = (struct openssl *)met;
    return meeting;
}
