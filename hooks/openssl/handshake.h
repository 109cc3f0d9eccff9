/* The way of a client handshake: its start, its end, and what ends a handshake that must not be used. */
#ifndef PINSHIM_HOOKS_OPENSSL_HANDSHAKE_H
#define PINSHIM_HOOKS_OPENSSL_HANDSHAKE_H

#include "hooks/openssl/record.h"

/* Every SSL's info callback: sees the start and the end of its handshakes, and passes everything on to the
 * program's own callback. Leaves errno and the error queue as they were, but for a refusal's error. */
void handshake_info(const SSL *ssl, int where, int value) __attribute__((nonnull));

/* Looks the names up and arms the SSL for what they need. Also for an SSL whose start went unseen. */
enum arming handshake_start(struct ssl_record *record, SSL *ssl) __attribute__((nonnull));

/* A client handshake has come to its end: may it be used? Asked again, answers the same. */
enum enforcement handshake_finish(struct ssl_record *record, SSL *ssl)
    __attribute__((nonnull, warn_unused_result));

/* True where handshake_finish has been asked, or needn't be: the verification has allowed it. */
bool handshake_is_allowed(const struct ssl_record *record) __attribute__((nonnull, warn_unused_result));

/* Leaves in the library's error queue what it would leave of a certificate that failed. */
void handshake_raise_error(const struct openssl *lib) __attribute__((nonnull));

/* The tag of a session, 0 where it has none; and giving it one. */
uintptr_t session_tag(const struct openssl *lib, const SSL_SESSION *session) __attribute__((nonnull(1)));
void session_set_tag(const struct openssl *lib, SSL_SESSION *session, uintptr_t tag)
    __attribute__((nonnull(1)));

/* True where the SSL's session was verified for the names that the handshake started with. */
bool session_is_proven(const struct ssl_record *record, const SSL *ssl)
    __attribute__((nonnull, warn_unused_result));

#endif
