/* The one door of libpinshim-compile.so. */
#include "config/compile.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

/* The caller frees it; NULL: no memory for it. */
static char *first_error(const struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < diagnostics->count; i++)
        if (diagnostics->items[i].severity == SEVERITY_ERROR)
            return diagnostic_text(&diagnostics->items[i]);
    return NULL;
}

__attribute__((visibility("default"))) int pinshim_compile(const char *path, int image_fd, int files_fd,
                                                           char *error, size_t error_size)
{
    struct diagnostics diagnostics = {0};
    /* This libcrypto is ours alone: it reads no configuration, and leaves no exit handler in the process. */
    (void)OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT | OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
    const struct compilation compilation = {
        .path = path, .use = POLICY_TO_OBEY, .image_fd = image_fd, .files_fd = files_fd};
    const bool compiled = policy_compile(&compilation, &diagnostics);
    char *first = compiled ? NULL : first_error(&diagnostics);
    const char *told = compiled ? "" : first ? first : "out of memory";
    if (error_size > 0) {
        const size_t length = strnlen(told, error_size - 1);
        memcpy(error, told, length);
        error[length] = '\0';
    }
    free(first);
    diagnostics_free(&diagnostics);
    return compiled ? 0 : -1;
}
