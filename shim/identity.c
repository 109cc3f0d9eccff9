#include "shim/identity.h"

#include "shim/lookups.h"
#include "shim/system.h"

#include <string.h>

void identity_clear(struct identity *identity)
{
    identity->count = 0; /* the names stay: 2 KB needn't be zeroed for each handshake */
    identity->overflow = identity->unnamed = false;
}

static bool has(const struct identity *identity, const char *name, size_t size)
{
    for (size_t i = 0; i < identity->count; i++)
        if (size <= NAME_SIZE && memcmp(identity->names[i], name, size) == 0)
            return true;
    return false;
}

void identity_add(struct identity *identity, const char *name)
{
    char normal[NAME_SIZE];
    if (!name || has(identity, name, strlen(name) + 1)) /* as the host mostly is that was sent as SNI */
        return;
    if (!name_normalise(name, strlen(name), normal))
        return;
    const size_t size = strlen(normal) + 1;
    if (has(identity, normal, size))
        return;
    if (identity->count == IDENTITY_NAMES) {
        identity->overflow = true;
        return;
    }
    memcpy(identity->names[identity->count++], normal, size);
}

static bool find_peer(int fd, struct address *address, unsigned *port)
{
    return fd >= 0 ? system_peer(fd, address, port) : system_only_peer(address, port);
}

unsigned identity_peer_port(int fd)
{
    struct address address;
    unsigned port;
    return find_peer(fd, &address, &port) ? port : 0;
}

void identity_add_peer(struct identity *identity, int fd)
{
    struct address address;
    unsigned port;
    char name[NAME_SIZE];
    const bool known = find_peer(fd, &address, &port);
    if (known)
        lookups_add_names(&address, identity);
    identity->unnamed = identity->count == 0;
    if (known && identity->unnamed) {
        address_format(&address, name);
        identity_add(identity, name);
    }
}
