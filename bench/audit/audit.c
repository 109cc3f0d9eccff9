/* Another way in, to compare with: the loader's auditing interface (LD_AUDIT, rtld-audit(7)). Does what a
 * shim by it would have to do before its first verdict, and nothing else: looks at each object that is loaded
 * and at each name that is bound, and stands before what libssl calls of libcrypto.
 *
 * Built by bench/run.sh.
 */
#include <link.h>
#include <openssl/x509_vfy.h>
#include <string.h>

static X509_STORE *(*original_store)(void);
static int (*original_verify)(X509_STORE_CTX *);

static X509_STORE *store_new(void)
{
    return original_store();
}

static int verify(X509_STORE_CTX *ctx)
{
    return original_verify(ctx);
}

unsigned la_version(unsigned version)
{
    return version;
}

/* The programs may be anything that calls a TLS library: whose names are bound. */
unsigned la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
    (void)lmid, (void)cookie;
    const int library = strstr(map->l_name, "/libssl.") || strstr(map->l_name, "/libcrypto.");
    return LA_FLG_BINDFROM | (library ? LA_FLG_BINDTO : 0);
}

uintptr_t la_symbind64(Elf64_Sym *symbol, unsigned index, uintptr_t *from, uintptr_t *to, unsigned *flags,
                       const char *name)
{
    (void)index, (void)from, (void)to, (void)flags;
    if (strcmp(name, "X509_STORE_new") == 0) {
        original_store = (X509_STORE * (*)(void)) symbol->st_value;
        return (uintptr_t)store_new;
    }
    if (strcmp(name, "X509_verify_cert") == 0) {
        original_verify = (int (*)(X509_STORE_CTX *))symbol->st_value;
        return (uintptr_t)verify;
    }
    return symbol->st_value;
}
