#include "tools/builtin_tls.h"

#include "tools/tls_marks.h"

unsigned tls_marks(const struct elf_file *elf)
{
    const uint8_t *bytes;
    size_t size;
    unsigned found = 0;
    for (unsigned i = 0; elf_loaded(elf, i, &bytes, &size); i++)
        found |= tls_marks_in(bytes, size);
    return found;
}

static bool is_go(const struct elf_file *elf, unsigned marks)
{
    return elf_has_section(elf, ".go.buildinfo") || tls_marked(marks, MARK_GO_BUILD_INFO);
}

static bool has_rustls(const struct elf_file *elf, unsigned marks)
{
    return tls_marked(marks, MARK_RUSTLS_MODULE) ||
           (tls_marked(marks, MARK_RUSTLS_CLIENT) && elf_contains(elf, "rustls", sizeof "rustls" - 1));
}

const char *builtin_tls_of_library(const struct elf_file *elf, unsigned marks)
{
    if (is_go(elf, marks) && tls_marked(marks, MARK_GO_TLS))
        return "Go's own TLS";
    if (has_rustls(elf, marks))
        return "rustls";
    if (tls_marked(marks, MARK_BOTAN_CLIENT) &&
        elf_needs(elf, "libbotan-")) /* it has no library for TLS alone */
        return "Botan's TLS";
    if (elf_needs(elf, "libssl.so")) /* and may well name the libraries that it could use instead */
        return NULL;
    if (tls_marked(marks, MARK_BORINGSSL) || tls_marked(marks, MARK_BORINGSSL_CLIENT))
        return "a BoringSSL of its own";
    return tls_marked(marks, MARK_OPENSSL_CLIENT) ? "an OpenSSL of its own" : NULL;
}

const char *builtin_tls(const struct elf_file *elf, unsigned marks)
{
    /* The names by which libssl and programs ask for OpenSSL: their definition here would be taken. */
    if (elf_defines(elf, "SSL_connect") || elf_defines(elf, "X509_verify_cert"))
        return "an OpenSSL of its own, which it exports";
    if (elf_needs(elf, "libjli.so")) /* the launcher of a JDK */
        return "Java's own TLS";
    return builtin_tls_of_library(elf, marks);
}
