/* The C library's look-ups of host names. What a program looks up tells whom it means by a peer that it then
 * doesn't name in its handshake. Each result, error and errno is the original's. */
#include "hooks/platform.h"
#include "shim/lookups.h"

#include <errno.h>
#include <netdb.h>
#include <stdatomic.h>

#define HOOKS_RESOLVER
#include "hooks/declare.h"

/* The original of `name`, found once: there is but one C library. */
#define ORIGINAL(name)                                                                                       \
    ({                                                                                                       \
        static _Atomic(any_function *) found;                                                                \
        (__typeof__(&(name)))original(&found, #name);                                                        \
    })

static any_function *original(_Atomic(any_function *) *found, const char *name)
{
    any_function *function = atomic_load_explicit(found, memory_order_relaxed);
    if (!function) {
        function = platform_next(name);
        atomic_store_explicit(found, function, memory_order_relaxed);
    }
    return function;
}

static void remember_list(const char *name, const struct addrinfo *list)
{
    const int saved = errno;
    struct address address;
    unsigned port;
    for (; list; list = list->ai_next)
        if (address_from_socket(&address, &port, list->ai_addr))
            lookups_remember(name, &address);
    errno = saved;
}

static void remember_host(const char *name, const struct hostent *host)
{
    const int saved = errno;
    struct address address;
    for (char **bytes = host ? host->h_addr_list : NULL; bytes && *bytes; bytes++)
        if (address_from_bytes(&address, host->h_addrtype, *bytes))
            lookups_remember(name, &address);
    errno = saved;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **result)
{
    __typeof__(&getaddrinfo) look_up = ORIGINAL(getaddrinfo);
    const int status = look_up ? look_up(node, service, hints, result) : EAI_FAIL;
    if (status == 0 && node)
        remember_list(node, *result);
    return status;
}

struct hostent *gethostbyname(const char *name)
{
    __typeof__(&gethostbyname) look_up = ORIGINAL(gethostbyname);
    struct hostent *host = look_up ? look_up(name) : NULL;
    remember_host(name, host);
    return host;
}

struct hostent *gethostbyname2(const char *name, int family)
{
    __typeof__(&gethostbyname2) look_up = ORIGINAL(gethostbyname2);
    struct hostent *host = look_up ? look_up(name, family) : NULL;
    remember_host(name, host);
    return host;
}

int gethostbyname_r(const char *name, struct hostent *host, char *buffer, size_t size,
                    struct hostent **result, int *error)
{
    __typeof__(&gethostbyname_r) look_up = ORIGINAL(gethostbyname_r);
    const int status = look_up ? look_up(name, host, buffer, size, result, error) : ENOSYS;
    if (status == 0)
        remember_host(name, *result);
    return status;
}

int gethostbyname2_r(const char *name, int family, struct hostent *host, char *buffer, size_t size,
                     struct hostent **result, int *error)
{
    __typeof__(&gethostbyname2_r) look_up = ORIGINAL(gethostbyname2_r);
    const int status = look_up ? look_up(name, family, host, buffer, size, result, error) : ENOSYS;
    if (status == 0)
        remember_host(name, *result);
    return status;
}
