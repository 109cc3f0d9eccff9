/* What lets a handshake do without a certificate. */
#ifndef PINSHIM_HOOKS_NSS_WITHOUT_CERTIFICATE_H
#define PINSHIM_HOOKS_NSS_WITHOUT_CERTIFICATE_H

#include "hooks/nss/record.h"

/* Before a pinned handshake begins: drops the session that the program gave it and, where it isn't only
 * reported, its pre-shared key. */
void nss_without_certificate(struct nss_record *record, PRFileDesc *fd, enum arming arming)
    __attribute__((nonnull));

#endif
