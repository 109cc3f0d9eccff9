/* The NSS libraries of this process, each with its own NSPR: hooks/instance.h. Met at the first socket that
 * becomes TLS. */
#ifndef PINSHIM_HOOKS_NSS_INSTANCE_H
#define PINSHIM_HOOKS_NSS_INSTANCE_H

#include "hooks/instance.h"
#include "hooks/nss/exports.h"

#include <pk11pub.h>
#include <prerror.h>
#include <private/pprio.h>
#include <prmem.h>
#include <secerr.h>
#include <stdatomic.h>

#define API(name) __typeof__ (&(name))(name);
struct nss_api {
#include "hooks/nss/api.def"
};
#undef API

typedef SECStatus token_function(PRFileDesc *fd, const PRUint8 *token, unsigned int length);
typedef SECStatus psk_function(PRFileDesc *fd, PK11SymKey *key, const PRUint8 *label, unsigned int length,
                               SSLHashType hash);
typedef SECStatus psk_early_function(PRFileDesc *fd, PK11SymKey *key, const PRUint8 *label,
                                     unsigned int length, SSLHashType hash, PRUint16 suite,
                                     PRUint32 max_early);
typedef SECStatus psk_removal_function(PRFileDesc *fd, const PRUint8 *label, unsigned int length);

struct nss {
    struct instance instance; /* the libssl3 */
    void *handle;             /* of it, kept: our functions are registered with it */
    struct nss_api api;
    /* What SSL_GetExperimentalAPI knows; NULL where it doesn't. */
    token_function *set_token;
    psk_function *add_psk;
    psk_early_function *add_early_psk;
    psk_removal_function *remove_psk;
    /* Of the layer that makes a descriptor TLS; known with the first one (methods.c). */
    _Atomic(const PRIOMethods *) own_methods;
    _Atomic PRDescIdentity identity;
    PRIOMethods watched, judged;
};

/* The instance whose libssl3 holds this code, which becomes known where it isn't yet. */
enum meeting nss_meet(const void *code, struct nss **lib) __attribute__((nonnull, warn_unused_result));

/* The newest of the known instances; NULL. And the one that was met before. */
struct nss *nss_newest(void) __attribute__((warn_unused_result));
struct nss *nss_before(const struct nss *lib) __attribute__((nonnull, warn_unused_result));

#endif
