/* Host names as a policy holds them: lower-case A-labels without the trailing dot, or an IP literal in its
 * canonical spelling (RFC 5952, as inet_ntop's; without brackets or zone).
 *
 * Pure functions over caller's memory: thread-safe, safe after fork.
 */
#ifndef PINSHIM_CONFIG_NAME_H
#define PINSHIM_CONFIG_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAME_MAX_LENGTH = 253, /* RFC 1035, 2.3.4, in text form without the trailing dot */
    NAME_SIZE = NAME_MAX_LENGTH + 1,
};

/* Brings the `length` bytes at `text` (no NUL needed) into a policy's spelling: ASCII lower case, one
 * trailing dot removed, IP literals canonical (IPv4 dotted quad; IPv6 with or without brackets). False where
 * they are no host name: empty, too long (label > 63, name > 253), an empty label, a NUL, a byte that is not
 * a letter, digit, '-', '_' or '.'. A wildcard is no host name. */
bool name_normalise(const char *text, size_t length, char name[NAME_SIZE])
    __attribute__((nonnull, warn_unused_result));

/* An IP address in its canonical spelling, from its bytes in network order. */
void name_from_ipv4(const uint8_t bytes[4], char name[NAME_SIZE]) __attribute__((nonnull));
void name_from_ipv6(const uint8_t bytes[16], char name[NAME_SIZE]) __attribute__((nonnull));

/* True where a normalised name is an IPv4 or IPv6 literal. */
bool name_is_ip(const char *name) __attribute__((nonnull, warn_unused_result));

/* The name without its first label ("b.c" of "a.b.c"); NULL where there is none, and for an IP literal.
 * Points into `name`. */
const char *name_parent(const char *name) __attribute__((nonnull, warn_unused_result));

#endif
