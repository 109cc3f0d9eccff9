/* The edges at which every OpenSSL library shows itself, and its objects' births and deaths: libssl has
 * libcrypto make and free the ex_data of each SSL_CTX and SSL, whoever made it, in whatever library context.
 */
#include "hooks/openssl/libcrypto.h"
#include "hooks/openssl/record.h"

#include <errno.h>

/* The libssl that makes or frees an object we have records of. It is met in the making of its first SSL_CTX.
 */
static enum meeting meet(int class_index, const void *code, struct openssl **lib)
{
    if (class_index == CRYPTO_EX_INDEX_SSL_CTX)
        return openssl_meet(code, lib);
    *lib = openssl_of_code(code);
    return *lib ? MEET_KNOWN : MEET_OTHER;
}

/* libcrypto itself is the caller most of the time. */
static new_function *original_new(const void *caller)
{
    const struct libcrypto *own = libcrypto_of_code(caller);
    const struct openssl *lib = own ? NULL : openssl_of_code(caller);
    if (lib)
        return lib->api.CRYPTO_new_ex_data;
    if (!own)
        own = libcrypto_meet(caller);
    return own ? own->new_ex_data : (new_function *)platform_original(caller, "CRYPTO_new_ex_data");
}

static free_function *original_free(const void *caller)
{
    const struct libcrypto *own = libcrypto_of_code(caller);
    const struct openssl *lib = own ? NULL : openssl_of_code(caller);
    if (lib)
        return lib->api.CRYPTO_free_ex_data;
    if (!own)
        own = libcrypto_meet(caller);
    return own ? own->free_ex_data : (free_function *)platform_original(caller, "CRYPTO_free_ex_data");
}

static int pass_new(const void *caller, int class_index, void *object, CRYPTO_EX_DATA *data)
{
    new_function *original = original_new(caller);
    return original ? original(class_index, object, data) : 0;
}

int CRYPTO_new_ex_data(int class_index, void *object, CRYPTO_EX_DATA *data)
{
    const void *caller = __builtin_return_address(0);
    if (!record_is_of(class_index))
        return pass_new(caller, class_index, object, data);
    const int saved = errno;
    struct openssl *lib;
    const enum meeting meeting = meet(class_index, caller, &lib);
    if (meeting == MEET_KNOWN)
        record_born(lib, class_index, object);
    errno = saved;
    if (meeting == MEET_NO_MEMORY) /* so is the program's: a context that nobody watches would be the worse */
        return 0;
    const int made = pass_new(caller, class_index, object, data);
    if (meeting == MEET_KNOWN && !made)
        record_freed(class_index, object);
    return made;
}

void CRYPTO_free_ex_data(int class_index, void *object, CRYPTO_EX_DATA *data)
{
    const void *caller = __builtin_return_address(0);
    if (record_is_of(class_index) && openssl_of_code(caller))
        record_freed(class_index, object);
    free_function *original = original_free(caller);
    if (original)
        original(class_index, object, data);
}
