/* The NSS libraries of this process, each with its own functions and its own NSPR: two copies may be loaded,
 * and a socket of one must never meet a function of the other.
 *
 * Instances are found at the first socket that becomes TLS, stay for the life of the process, and are
 * immutable once found (but for what is found late, once, by atomics): safe in threads and after fork,
 * without a lock.
 */
#ifndef PINSHIM_HOOKS_NSS_INSTANCE_H
#define PINSHIM_HOOKS_NSS_INSTANCE_H

#include "hooks/nss/exports.h"
#include "hooks/platform.h"

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
    struct nss *next;
    struct object object; /* the libssl3 */
    void *handle;         /* of it, kept: our functions are registered with it */
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

/* Zero means refused. */
enum nss_meeting {
    NSS_NO_MEMORY = 0, /* maybe one of ours, which can't be had now: its sockets would go unseen */
    NSS_OTHER,         /* no libssl3, or one that lacks what we need */
    NSS_KNOWN,
};

/* The instance whose libssl3 holds this code, which becomes known where it isn't yet. */
enum nss_meeting nss_meet(const void *code, struct nss **lib) __attribute__((nonnull, warn_unused_result));

/* The newest of the known instances, and by `next` all of them. */
struct nss *nss_instances(void) __attribute__((warn_unused_result));

#endif
