/* FNV-1a, 64 bits.
 *
 * Source: draft-eastlake-fnv.
 */
#ifndef PINSHIM_CONFIG_FNV_H
#define PINSHIM_CONFIG_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_START 14695981039346656037U

static inline uint64_t fnv_add(uint64_t hash, const void *bytes, size_t length)
{
    for (const uint8_t *b = bytes; length--; b++)
        hash = (hash ^ *b) * 1099511628211U;
    return hash;
}

#endif
