/* The edges at which every OpenSSL library shows itself, and its objects' births and deaths: libssl has
 * libcrypto make and free the ex_data of each SSL_CTX and SSL, whoever made it, in whatever library context.
 *
 * OpenSSL's prototypes are put aside, for BoringSSL has functions by these names that take a pointer where
 * OpenSSL's take the class: what is called passes whole.
 */
#define CRYPTO_new_ex_data  openssl_new_ex_data
#define CRYPTO_free_ex_data openssl_free_ex_data
#include "hooks/openssl/record.h"
#undef CRYPTO_new_ex_data
#undef CRYPTO_free_ex_data

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

typedef int new_function(uintptr_t first, void *second, void *third);
typedef void free_function(uintptr_t first, void *second, void *third);

__attribute__((visibility("default"))) new_function CRYPTO_new_ex_data HOOK_LABEL(CRYPTO_new_ex_data);
__attribute__((visibility("default"))) free_function CRYPTO_free_ex_data HOOK_LABEL(CRYPTO_free_ex_data);

/* An object that calls them, and what it would have reached: libcrypto does for each certificate and each
 * key, in programs without TLS, too. */
struct caller {
    struct instance instance;
    new_function *new_ex_data;
    free_function *free_ex_data;
    _Atomic bool is_other; /* no libssl of a kind that we know */
};

static instance_list callers;

/* Most processes have a libcrypto and a libssl, and need no memory for them. */
static struct caller first[2];

static struct caller *caller_new(void)
{
    static atomic_uint taken;
    const unsigned next = atomic_load(&taken) < 2 ? atomic_fetch_add(&taken, 1) : 2;
    return next < 2 ? &first[next] : calloc(1, sizeof *first);
}

/* Closed by nobody: its handle is the other's, too. */
static void drop(struct instance *made)
{
    if (made != &first[0].instance && made != &first[1].instance)
        free(made);
}

/* libcrypto's own are found without the loader, whose lock another thread may hold while it waits for this
 * one: a constructor does that starts a thread and joins it. */
static enum meeting examine(const struct object *object, struct instance **made)
{
    any_function *new_ex_data = platform_lasting(object, "CRYPTO_new_ex_data");
    any_function *free_ex_data = platform_lasting(object, "CRYPTO_free_ex_data");
    const bool lasts = new_ex_data && free_ex_data;
    if (!lasts) {
        new_ex_data = platform_original(object->start, "CRYPTO_new_ex_data");
        free_ex_data = platform_original(object->start, "CRYPTO_free_ex_data");
    }
    if (!new_ex_data || !free_ex_data)
        return MEET_OTHER;
    struct caller *caller = lasts || platform_open(object) ? caller_new() : NULL;
    if (!caller)
        return MEET_NO_MEMORY;
    caller->new_ex_data = (new_function *)new_ex_data;
    caller->free_ex_data = (free_function *)free_ex_data;
    *made = &caller->instance;
    return MEET_KNOWN; /* NOLINT(clang-analyzer-unix.Malloc): it stays */
}

/* NULL where there is no memory for it, or nothing to reach. */
static struct caller *caller_of_code(const void *code)
{
    struct instance *met = instance_of_code(&callers, code);
    if (met)
        return (struct caller *)met;
    const enum meeting meeting = instance_meet(&callers, code, examine, drop, &met);
    return meeting == MEET_KNOWN ? (struct caller *)met : NULL;
}

static int pass_new(const void *code, uintptr_t class_index, void *object, void *data)
{
    const struct caller *caller = caller_of_code(code);
    new_function *original =
        caller ? caller->new_ex_data : (new_function *)platform_original(code, "CRYPTO_new_ex_data");
    return original ? original(class_index, object, data) : 0;
}

/* The libssl of this code. Its first SSL_CTX may have gone unseen: made in the constructor of a plugin that
 * is loaded RTLD_DEEPBIND. */
static enum meeting meet(const void *code, struct openssl **lib)
{
    *lib = openssl_of_code(code);
    if (*lib)
        return MEET_KNOWN;
    struct caller *caller = (struct caller *)instance_of_code(&callers, code);
    if (caller && atomic_load(&caller->is_other))
        return MEET_OTHER;
    const enum meeting meeting = openssl_meet(code, lib);
    if (caller && meeting == MEET_OTHER)
        atomic_store(&caller->is_other, true);
    return meeting;
}

static int bear(const void *code, uintptr_t class_index, void *object, void *data)
{
    const int saved = errno;
    struct openssl *lib;
    const enum meeting meeting = meet(code, &lib);
    if (meeting == MEET_KNOWN)
        record_born(lib, (int)class_index, object);
    errno = saved;
    if (meeting == MEET_NO_MEMORY) /* so is the program's: a context that nobody watches would be the worse */
        return 0;
    const int made = pass_new(code, class_index, object, data);
    if (meeting == MEET_KNOWN && !made)
        record_freed((int)class_index, object);
    return made;
}

static void pass_free(const void *code, uintptr_t class_index, void *object, void *data)
{
    const struct caller *caller = caller_of_code(code);
    free_function *original =
        caller ? caller->free_ex_data : (free_function *)platform_original(code, "CRYPTO_free_ex_data");
    if (original)
        original(class_index, object, data);
}

/* The record last: in between, the program's callbacks may ask for what it set. */
static void bury(const void *code, uintptr_t class_index, void *object, void *data)
{
    pass_free(code, class_index, object, data);
    if (openssl_of_code(code))
        record_freed((int)class_index, object);
}

int CRYPTO_new_ex_data(uintptr_t class_index, void *object, void *data)
{
    const void *code = __builtin_return_address(0);
    return record_is_of((int)class_index) ? bear(code, class_index, object, data)
                                          : pass_new(code, class_index, object, data);
}

void CRYPTO_free_ex_data(uintptr_t class_index, void *object, void *data)
{
    const void *code = __builtin_return_address(0);
    if (record_is_of((int)class_index))
        bury(code, class_index, object, data);
    else
        pass_free(code, class_index, object, data);
}
