#include "hooks/openssl/libcrypto.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

static instance_list libcryptos;

/* Most processes have one, and need no memory for it. */
static struct libcrypto first;

static struct libcrypto *libcrypto_new(void)
{
    static atomic_flag taken = ATOMIC_FLAG_INIT;
    return atomic_flag_test_and_set(&taken) ? calloc(1, sizeof first) : &first;
}

/* Closed by nobody: it is the other's handle, too. */
static void drop(struct instance *made)
{
    if (made != &first.instance)
        free(made);
}

/* Its own function of this name, where that is what it would have reached itself; NULL. */
static any_function *own(const struct object *object, const char *name)
{
    any_function *original = platform_original(object->start, name);
    return original && platform_within(object, __extension__(void *) original) ? original : NULL;
}

static enum meeting examine(const struct object *object, struct instance **made)
{
    any_function *new_ex_data = own(object, "CRYPTO_new_ex_data");
    any_function *free_ex_data = own(object, "CRYPTO_free_ex_data");
    if (!new_ex_data || !free_ex_data)
        return MEET_OTHER;
    struct libcrypto *libcrypto = platform_open(object) ? libcrypto_new() : NULL; /* it stays open */
    if (!libcrypto)
        return MEET_NO_MEMORY;
    libcrypto->new_ex_data = (new_function *)new_ex_data;
    libcrypto->free_ex_data = (free_function *)free_ex_data;
    *made = &libcrypto->instance;
    return MEET_KNOWN; /* NOLINT(clang-analyzer-unix.Malloc): it stays */
}

const struct libcrypto *libcrypto_of_code(const void *code)
{
    return (const struct libcrypto *)instance_of_code(&libcryptos, code);
}

const struct libcrypto *libcrypto_meet(const void *code)
{
    const int saved = errno;
    struct instance *met;
    const bool known = instance_meet(&libcryptos, code, examine, drop, &met) == MEET_KNOWN;
    errno = saved;
    return known ? (struct libcrypto *)met : NULL;
}
