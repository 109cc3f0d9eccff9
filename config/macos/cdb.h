/* Constant databases (https://cr.yp.to/cdb/cdb.txt) by those functions of tinycdb that are used here, where
 * its package is none: cdb_macos.c. */
#ifndef PINSHIM_CONFIG_MACOS_CDB_H
#define PINSHIM_CONFIG_MACOS_CDB_H

#include <stddef.h>
#include <stdint.h>

unsigned cdb_hash(const void *key, unsigned length);
unsigned cdb_unpack(const unsigned char packed[4]);

struct cdb_entry {
    uint32_t hash, position;
};

/* A database that is being written. */
struct cdb_make {
    int fd;
    uint64_t position; /* what was handed to `buffer`, which has `buffered` of it */
    size_t buffered, count, capacity;
    struct cdb_entry *entries; /* owned: of each record, in order */
    unsigned char buffer[1 << 14];
};

/* Each returns 0, or -1; after that, and after cdb_make_finish, nothing of it is left to free. */
int cdb_make_start(struct cdb_make *make, int fd);
int cdb_make_add(struct cdb_make *make, const void *key, unsigned key_length, const void *value,
                 unsigned length);
int cdb_make_finish(struct cdb_make *make);

#endif
