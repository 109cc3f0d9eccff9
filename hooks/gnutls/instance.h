/* The GnuTLS libraries of this process: hooks/instance.h. Met at their first session. */
#ifndef PINSHIM_HOOKS_GNUTLS_INSTANCE_H
#define PINSHIM_HOOKS_GNUTLS_INSTANCE_H

#include "hooks/gnutls/exports.h"
#include "hooks/instance.h"

#define API(name) __typeof__ (&(name))(name);
struct libgnutls_api {
#include "hooks/gnutls/api.def"
};
#undef API

/* A pointer to this is written `lib`, so that a call reads lib->api.gnutls_alert_send(...). */
struct libgnutls {
    struct instance instance;
    struct libgnutls_api api;
    _Atomic(gnutls_x509_trust_list_t) system_trust; /* own_path.c's; NULL: not read yet */
};

/* The known instance that holds this code; NULL. */
struct libgnutls *libgnutls_of_code(const void *code) __attribute__((nonnull, warn_unused_result));

/* The instance that defines this function, found anew where it isn't known yet. */
enum meeting libgnutls_meet(any_function *original, struct libgnutls **lib)
    __attribute__((nonnull(2), warn_unused_result));

#endif
