/* The paths that this process has verified itself of late: verifying one takes as long as a fiftieth of a
 * handshake, and a client comes back to the same few servers. What is remembered is a fact about one leaf,
 * one host and one policy; it holds for a minute at most, and never past the end of a certificate's time.
 *
 * One table a process, of fixed size, under its lock; safe in threads and after fork.
 */
#ifndef PINSHIM_HOOKS_NSS_PROVEN_PATH_H
#define PINSHIM_HOOKS_NSS_PROVEN_PATH_H

#include "hooks/nss/instance.h"
#include "shim/policy.h"

#include "config/name.h"

/* What was verified. A plain value. */
struct proven_claim {
    const struct nss *lib;
    uint64_t policy_version;
    uint8_t leaf[32]; /* SHA-256 of the certificate */
    char host[NAME_SIZE];
};

/* False where it can't be made. */
bool proven_claim_make(struct proven_claim *claim, const struct nss *lib, const struct policy *policy,
                       const CERTCertificate *leaf, const char *host)
    __attribute__((nonnull, warn_unused_result));

/* The pins of the path that was found for this claim; 0: none is known now. */
size_t proven_path_find(const struct proven_claim *claim, PRTime now, struct pin *pins, size_t capacity)
    __attribute__((nonnull, warn_unused_result));

/* Remembers a path that has verified at `now` and is valid until `end`. */
void proven_path_remember(const struct proven_claim *claim, PRTime now, PRTime end, const struct pin *pins,
                          size_t count) __attribute__((nonnull));

#endif
