#include "tools/builtin_tls.h"

#include <string.h>

/* A text by which to know a TLS implementation. Its first character stands apart, so that this program
 * doesn't contain the text itself. */
struct mark {
    char first;
    const char *rest;
};

static const struct mark go_build_info =
                             {'\xff', " Go buildinf:"}, /* a file without section headers has this alone */
    go_tls = {'c', "rypto/tls.(*Conn)"},                /* Go keeps its functions' names, stripped or not */
    rustls = {'r', "ustls"},                            /* Rust keeps the source files' names for panics */
    rustls_client = {'s', "rc/client/hs.rs"},           /* where rustls handles a ServerHello */
    rustls_module = {'r', "ustls::client::hs"},         /* and what its log calls that */
    boringssl = {'B', "oringSSL"},                      /* its OpenSSL_version() */
    boringssl_client = {'b', "oringssl/src/ssl/"},      /* the source files' names, for its error queue */
    openssl_client = {'s', "sl/statem/statem_clnt"};    /* likewise; libssl itself when it is linked in */

static bool contains(const struct elf_file *elf, struct mark mark)
{
    char text[32] = {mark.first};
    const size_t length = strlen(mark.rest);
    memcpy(text + 1, mark.rest, length);
    return elf_contains(elf, text, length + 1);
}

static bool is_go(const struct elf_file *elf)
{
    return elf_has_section(elf, ".go.buildinfo") || contains(elf, go_build_info);
}

static bool has_rustls(const struct elf_file *elf)
{
    return contains(elf, rustls_module) || (contains(elf, rustls_client) && contains(elf, rustls));
}

const char *builtin_tls(const struct elf_file *elf)
{
    /* The names by which libssl and programs ask for OpenSSL: their definition here would be taken. */
    if (elf_defines(elf, "SSL_connect") || elf_defines(elf, "X509_verify_cert"))
        return "an OpenSSL of its own, which it exports";
    if (elf_needs(elf, "libjli.so")) /* the launcher of a JDK */
        return "Java's own TLS";
    if (is_go(elf) && contains(elf, go_tls))
        return "Go's own TLS";
    if (has_rustls(elf))
        return "rustls";
    if (elf_needs(elf, "libssl.so")) /* and may well name the libraries that it could use instead */
        return NULL;
    if (contains(elf, boringssl) || contains(elf, boringssl_client))
        return "a BoringSSL of its own";
    return contains(elf, openssl_client) ? "an OpenSSL of its own" : NULL;
}
