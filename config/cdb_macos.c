/* The two functions of libcdb that reading an image takes (https://cr.yp.to/cdb/cdb.txt): its package isn't
 * macOS's, and has a reader that isn't used here. */
#include <cdb.h>

unsigned cdb_hash(const void *key, unsigned length)
{
    const unsigned char *bytes = key;
    unsigned hash = 5381;
    for (unsigned i = 0; i < length; i++)
        hash = (hash + (hash << 5)) ^ bytes[i];
    return hash;
}

unsigned cdb_unpack(const unsigned char packed[4])
{
    return packed[0] | (unsigned)packed[1] << 8 | (unsigned)packed[2] << 16 | (unsigned)packed[3] << 24;
}
