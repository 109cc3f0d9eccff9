/* The decision: does what a server showed satisfy the rule for its host?
 *
 * A pure function of plain values. Source: the first row that holds of the verdict table (docs/policy.md);
 * tests/data/policy-table.tsv holds every case.
 */
#ifndef PINSHIM_SHIM_VERDICT_H
#define PINSHIM_SHIM_VERDICT_H

#include <stdbool.h>

/* Zero means denied. */
enum verdict {
    VERDICT_PIN_MISMATCH = 0,
    VERDICT_PIN_UNVERIFIED,    /* a pinned certificate was seen, but no path that verified holds it */
    VERDICT_NO_CERTIFICATE,    /* PSK or anonymous: nothing to compare */
    VERDICT_POLICY_UNREADABLE, /* there is a policy, and it can't be read: nothing can be allowed */
    VERDICT_NOT_PINNED,
    VERDICT_PINS_EXPIRED,
    VERDICT_LEAF_MATCH,
    VERDICT_CHAIN_MATCH,
    VERDICT_PROXY_MATCH,
    VERDICT_LOCAL_PROXY_MATCH,
};

/* What the policy says about the host, as far as the decision needs it. */
struct verdict_rule {
    bool pinned;
    bool expired_open; /* the pins are past their date, and the policy says to open then */
    bool inspectable;  /* a proxy's root may stand in for a pin */
    bool inspection;   /* an applied persona turns SSL inspection on */
    bool local_proxy;  /* local_proxy.trust = "when-configured", and a proxy is configured */
};

/* What the handshake showed. Zero-initialised: nothing at all. "Path" is a path that verified for this host
 * at this time: signatures, dates, CA flags, host name. */
struct evidence {
    bool certificate;        /* the server showed one */
    bool leaf_pinned;        /* the leaf's public key is a pin */
    bool path_pinned;        /* a certificate of a path is a pin */
    bool seen_pinned;        /* a pinned certificate was sent, or sits in a chain that didn't verify */
    bool path_to_proxy_root; /* a path ends in a proxy certificate of an applied persona */
    bool path_to_local_root; /* a path ends in a root that the administrator added for the local proxy */
};

enum verdict verdict_judge(const struct verdict_rule *rule, const struct evidence *evidence)
    __attribute__((nonnull, warn_unused_result));

/* True where the connection must be ended. Values outside the enumeration are violations. */
bool verdict_is_violation(enum verdict verdict) __attribute__((const, warn_unused_result));

/* "leaf-match", ... as events spell it. */
const char *verdict_name(enum verdict verdict) __attribute__((returns_nonnull, const));

#endif
