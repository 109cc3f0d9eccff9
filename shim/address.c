#include "shim/address.h"

#include <netinet/in.h>
#include <string.h>

enum { IPV4_SIZE = 4, IPV4_OFFSET = 12 };

static const uint8_t mapped_prefix[IPV4_OFFSET] = {[10] = 0xff, [11] = 0xff};

bool address_from_bytes(struct address *address, int family, const void *bytes)
{
    switch (family) {
    case AF_INET:
        memcpy(address->bytes, mapped_prefix, IPV4_OFFSET);
        memcpy(address->bytes + IPV4_OFFSET, bytes, IPV4_SIZE);
        return true;
    case AF_INET6:
        memcpy(address->bytes, bytes, sizeof address->bytes);
        return true;
    default:
        return false;
    }
}

bool address_from_octets(struct address *address, const void *octets, size_t length)
{
    if (length == IPV4_SIZE)
        return address_from_bytes(address, AF_INET, octets);
    return length == sizeof address->bytes && address_from_bytes(address, AF_INET6, octets);
}

bool address_from_socket(struct address *address, unsigned *port, const void *socket_address)
{
    sa_family_t family;
    in_port_t network_port;
    memcpy(&family, (const char *)socket_address + offsetof(struct sockaddr, sa_family), sizeof family);
    const size_t bytes =
        family == AF_INET ? offsetof(struct sockaddr_in, sin_addr) : offsetof(struct sockaddr_in6, sin6_addr);
    _Static_assert(offsetof(struct sockaddr_in, sin_port) == offsetof(struct sockaddr_in6, sin6_port),
                   "both families have the port at the same place");
    if (!address_from_bytes(address, family, (const char *)socket_address + bytes))
        return false;
    memcpy(&network_port, (const char *)socket_address + offsetof(struct sockaddr_in, sin_port),
           sizeof network_port);
    *port = ntohs(network_port);
    return true;
}

bool address_equal(const struct address *a, const struct address *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

void address_format(const struct address *address, char name[NAME_SIZE])
{
    if (memcmp(address->bytes, mapped_prefix, sizeof mapped_prefix) == 0)
        name_from_ipv4(address->bytes + IPV4_OFFSET, name);
    else
        name_from_ipv6(address->bytes, name);
}
