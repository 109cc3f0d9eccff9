/* The way of a client handshake: its start, its end, and what may pass before. */
#ifndef PINSHIM_HOOKS_NSS_HANDSHAKE_H
#define PINSHIM_HOOKS_NSS_HANDSHAKE_H

#include "hooks/nss/record.h"

/* To be called before anything drives a handshake: the first call looks the names up, and prepares the socket
 * for what they need. Returns how far the socket is; STAGE_NEW where there is no TLS on it (yet). Leaves the
 * error state as it was. */
enum stage nss_handshake_start(struct nss_record *record, PRFileDesc *fd)
    __attribute__((nonnull, warn_unused_result));

/* The library says that the handshake is done. Judges it where nothing has; false, with the error set: it
 * must not be used. */
bool nss_handshake_finish(struct nss_record *record, PRFileDesc *fd)
    __attribute__((nonnull, warn_unused_result));

/* A call that drove it has failed. */
void nss_handshake_failed(struct nss_record *record, PRFileDesc *fd) __attribute__((nonnull));

/* True where application data may pass. Drives the handshake that must come before, for as long as `timeout`
 * and the socket say; false with the error set. */
bool nss_handshake_lets_pass(struct nss_record *record, PRFileDesc *fd, PRIntervalTime timeout)
    __attribute__((nonnull, warn_unused_result));

/* The program names another peer, or nobody, or starts all over. */
void nss_handshake_renamed(struct nss_record *record, PRFileDesc *fd) __attribute__((nonnull));
void nss_handshake_reset(struct nss_record *record, PRFileDesc *fd, bool server) __attribute__((nonnull));

#endif
