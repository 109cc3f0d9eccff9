/* The verification of a server's certificate: the moment of proof. */
#ifndef PINSHIM_HOOKS_NSS_VERIFY_H
#define PINSHIM_HOOKS_NSS_VERIFY_H

#include "hooks/nss/record.h"

/* What the library calls as SSL_AuthCertificateHook and SSL_BadCertHook of every socket (the latter where the
 * program set one); `argument` is the socket's record. */
SECStatus nss_verify_server(void *argument, PRFileDesc *fd, PRBool check_signature, PRBool is_server);
SECStatus nss_verify_override(void *argument, PRFileDesc *fd);

/* One that was under way, and that the program has left. */
void nss_verification_free(struct nss_record *record) __attribute__((nonnull));

#endif
