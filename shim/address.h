/* IP addresses of both families, as plain values. Pure functions. */
#ifndef PINSHIM_SHIM_ADDRESS_H
#define PINSHIM_SHIM_ADDRESS_H

#include "config/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An IPv6 address, or an IPv4 one mapped into it (RFC 4291, 2.5.5.2), in network order. */
struct address {
    uint8_t bytes[16];
};

/* From the 4 (AF_INET) or 16 bytes (AF_INET6) of a look-up's answer; false for another family. */
bool address_from_bytes(struct address *address, int family, const void *bytes)
    __attribute__((nonnull, warn_unused_result));

/* From the 4 or 16 bytes that a certificate has of one (RFC 5280, 4.2.1.6); false for another length. */
bool address_from_octets(struct address *address, const void *octets, size_t length)
    __attribute__((nonnull(1), warn_unused_result));

/* From a struct sockaddr_in or sockaddr_in6, unaligned; *port in host order. False for another family. */
bool address_from_socket(struct address *address, unsigned *port, const void *socket_address)
    __attribute__((nonnull, warn_unused_result));

bool address_equal(const struct address *a, const struct address *b)
    __attribute__((nonnull, warn_unused_result));

/* As a policy spells it. */
void address_format(const struct address *address, char name[NAME_SIZE]) __attribute__((nonnull));

#endif
