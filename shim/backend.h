/* What the shim asks of a TLS library about one peer. Each library's folder in hooks/ fills it. */
#ifndef PINSHIM_SHIM_BACKEND_H
#define PINSHIM_SHIM_BACKEND_H

#include "config/pin.h"
#include "shim/identity.h"
#include "shim/policy.h"

#include <stdbool.h>
#include <stddef.h>

/* Which certificates a path that the shim verifies itself may end in. */
enum roots {
    ROOTS_TRUSTED, /* the library's default roots and the policy's trust.ca_certificates */
    ROOTS_PROXY,   /* the proxy certificates of the applied personas, and nothing else */
    ROOTS_LOCAL,   /* the roots of the policy's local_proxy, and nothing else */
};

/* Is called with one name of a certificate, not normalised and maybe "*.name"; false: no more are wanted. */
typedef bool name_visitor(const char *name, size_t length, void *argument);

/* Calls take the library's own idea of a peer in one handshake, leave its error state as it was, and return
 * how many pins they wrote, leaf first, at most `capacity`: 0 where there is nothing, or where anything went
 * wrong. */
struct backend {
    const char *library; /* as events name it */

    /* The certificates that the server sent. */
    size_t (*served)(void *peer, struct pin *pins, size_t capacity);

    /* The path that the program's own verification built. *proven: nothing in it was overridden or left out,
     * and its leaf is for this host. */
    size_t (*program_path)(void *peer, const char *host, struct pin *pins, size_t capacity, bool *proven);

    /* A path for this host that verifies now (signatures, dates, CA flags, host name) to one of these roots,
     * built from the certificates that the server sent, but for number `without` (0, the leaf's: from all). A
     * library builds one path of several that may verify; without one certificate, it builds another. */
    size_t (*own_path)(void *peer, const char *host, enum roots roots, const struct policy *policy,
                       size_t without, struct pin *pins, size_t capacity);

    /* The names that the leaf is for: host names and addresses, or, where it says none, its common name. The
     * leaf is what the server sent or, before that, what the session on offer holds. */
    void (*leaf_names)(void *peer, name_visitor *visit, void *argument);

    /* Adds the addresses that the program has verified beside names, which are known already; NULL: so are
     * these. A library may be slow to tell that there are none: only a policy with addresses needs them. */
    void (*addresses)(void *peer, struct identity *identity);

    /* The peer's TCP port; 0 where it isn't known. */
    unsigned (*port)(void *peer);
};

#endif
