/* The GnuTLS libraries of this process, each with its own functions: two versions, or two copies, may be
 * loaded, and a session of one must never meet a function of the other.
 *
 * Instances are found at their first session, stay for the life of the process, and are immutable once found
 * (but for what is found late, once, by atomics): safe in threads and after fork, without a lock.
 */
#ifndef PINSHIM_HOOKS_GNUTLS_INSTANCE_H
#define PINSHIM_HOOKS_GNUTLS_INSTANCE_H

#include "hooks/gnutls/exports.h"
#include "hooks/platform.h"

#define API(name) __typeof__ (&(name))(name);
struct libgnutls_api {
#include "hooks/gnutls/api.def"
};
#undef API

/* A pointer to this is written `lib`, so that a call reads lib->api.gnutls_alert_send(...). */
struct libgnutls {
    struct libgnutls *next;
    struct object object; /* its handle is kept, so that it stays */
    struct libgnutls_api api;
    _Atomic(gnutls_x509_trust_list_t) system_trust; /* own_path.c's; NULL: not read yet */
};

/* Zero means refused. */
enum meeting {
    MEET_NO_MEMORY = 0, /* one of ours, which can't be had now: its sessions would go unseen */
    MEET_OTHER,         /* no GnuTLS, or one that lacks what we need */
    MEET_KNOWN,
};

/* The known instance that holds this code; NULL. */
struct libgnutls *libgnutls_of_code(const void *code) __attribute__((nonnull, warn_unused_result));

/* The instance that defines this function, found anew where it isn't known yet. */
enum meeting libgnutls_meet(any_function *original, struct libgnutls **lib)
    __attribute__((nonnull(2), warn_unused_result));

#endif
