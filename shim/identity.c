#include "shim/identity.h"

#include <string.h>

void identity_clear(struct identity *identity)
{
    identity->count = 0; /* the names stay: 2 KB needn't be zeroed for each handshake */
    identity->overflow = false;
}

void identity_add(struct identity *identity, const char *name)
{
    char normal[NAME_SIZE];
    if (!name || !name_normalise(name, strlen(name), normal))
        return;
    for (size_t i = 0; i < identity->count; i++)
        if (strcmp(identity->names[i], normal) == 0)
            return;
    if (identity->count == IDENTITY_NAMES) {
        identity->overflow = true;
        return;
    }
    memcpy(identity->names[identity->count++], normal, strlen(normal) + 1);
}
