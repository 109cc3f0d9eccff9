/* The methods of a descriptor's TLS layer. NSPR calls a layer through a table; the layer of a socket that
 * isn't judged yet is given one whose reads and writes wait for the verdict, and one that is, the library's
 * own functions back, but for those by which sockets end and are born. */
#ifndef PINSHIM_HOOKS_NSS_METHODS_H
#define PINSHIM_HOOKS_NSS_METHODS_H

#include "hooks/nss/instance.h"

/* The first TLS layer of an instance tells its identity and the library's own table. */
void nss_methods_learn(struct nss *lib, const PRFileDesc *layer) __attribute__((nonnull));

/* Puts the one or the other table in; a program's own is left alone. */
void nss_methods_watch(const struct nss *lib, PRFileDesc *layer) __attribute__((nonnull));
void nss_methods_leave(const struct nss *lib, PRFileDesc *layer) __attribute__((nonnull));

#endif
