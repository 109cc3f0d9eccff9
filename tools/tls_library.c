#include "tools/tls_library.h"

#include <stddef.h>
#include <string.h>

/* A new back end (hooks/) turns its row on. */
/* clang-format off */
static const struct tls_library libraries[] = {
    {"libssl", "3", "OpenSSL", true},
    {"libssl", NULL, "OpenSSL other than 3", false},
    {"libgnutls", "30", "GnuTLS", true},
    {"libgnutls", NULL, "GnuTLS before 3", false},
    {"libssl3", NULL, "NSS", true},
    {"libmbedtls", NULL, "Mbed TLS", false},
    {"libwolfssl", NULL, "wolfSSL", false},
    {"libbearssl", NULL, "BearSSL", false},
    {"libs2n", NULL, "s2n-tls", false},
    {"librustls", NULL, "rustls", false},
    {"libjvm", NULL, "Java's own TLS", false},
};
/* clang-format on */

/* Behind the stem of a name that was made unique: "-" and eight hexadecimal digits. */
static const char *skip_digest(const char *text)
{
    enum { DIGITS = 8 };
    return text[0] == '-' && strspn(text + 1, "0123456789abcdef") == DIGITS ? text + 1 + DIGITS : text;
}

/* "3" is "3.0.7", and not "30". */
static bool is_version(const char *text, const char *version)
{
    const size_t length = strlen(version);
    return strncmp(text, version, length) == 0 && (text[length] == '\0' || text[length] == '.');
}

static bool ends_in(const char *text, const char *end)
{
    const size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* "libssl.so.3", and of macOS "libssl.3.dylib". */
static bool matches(const struct tls_library *library, const char *name)
{
    const size_t length = strlen(library->stem);
    if (strncmp(name, library->stem, length) != 0)
        return false;
    const char *rest = skip_digest(name + length);
    if (rest[0] == '.' && ends_in(rest, ".dylib"))
        return !library->version || is_version(rest + 1, library->version);
    if (strncmp(rest, ".so", 3) != 0 || (rest[3] != '.' && rest[3] != '\0'))
        return false;
    return !library->version || (rest[3] == '.' && is_version(rest + 4, library->version));
}

const struct tls_library *tls_library_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++)
        if (matches(&libraries[i], slash ? slash + 1 : file))
            return &libraries[i];
    return NULL;
}
