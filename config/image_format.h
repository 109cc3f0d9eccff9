/* The bytes of a compiled policy ("image"): a constant database (cdb, https://cr.yp.to/cdb/cdb.txt) followed
 * by one checksum a block, in the byte order of the machine that compiled it.
 *
 *   0            cdb: its table of contents (2,048 bytes)
 *   2,048        cdb: the first record, key IMAGE_HEADER_KEY, so that the header stands at
 * IMAGE_HEADER_OFFSET
 *   ...          cdb: the other records (image_key), its hash tables
 *   cdb_size     zero bytes up to the next multiple of 8
 *   sums_offset  uint32_t image_block_sum of each IMAGE_BLOCK_SIZE bytes of [0, cdb_size)
 *
 * A reader checks the blocks that it is about to believe and no others, so that a look-up in a million
 * domains costs what one in ten does, and a damaged image never answers "not there".
 */
#ifndef PINSHIM_CONFIG_IMAGE_FORMAT_H
#define PINSHIM_CONFIG_IMAGE_FORMAT_H

#include <stddef.h>
#include <stdint.h>

#define IMAGE_MAGIC      "pinshim policy\n"
#define IMAGE_HEADER_KEY "pinshim" /* with its NUL: 8 bytes */

enum {
    IMAGE_SCHEMA = 2, /* raised with every change that an older reader would misread */
    IMAGE_BYTE_ORDER = 0x01020304,
    IMAGE_HEADER_OFFSET = 2048 + 8 + 8, /* table of contents, record lengths, key */
    IMAGE_BLOCK_SIZE = 64,
    IMAGE_NO_PERSONA = 0xffffffff,
    IMAGE_PERSONAS = 1024, /* at most: a process looks at each */
};

/* The first byte of a record's key; what follows it. */
enum image_key {
    IMAGE_KEY_DOMAIN = 'd',  /* the name without "*.": struct image_entry, its pins; repeated */
    IMAGE_KEY_SOURCES = 's', /* nothing: the names of the policy's files, each with its NUL */
    IMAGE_KEY_PERSONA = 'p', /* uint32_t index: struct image_persona, its uint32_t group ids, its strings */
    IMAGE_KEY_PROXY_ROOTS = 'x', /* uint32_t index of the persona: certificates */
    IMAGE_KEY_TRUST_ROOTS = 'r', /* nothing: certificates, each a uint32_t length and its DER */
    IMAGE_KEY_EVENTS_FILE = 'e', /* nothing: an absolute path with its NUL; absent: no file */
    IMAGE_KEY_REPORT_URL = 'u',  /* nothing: where the agent sends events, with its NUL; absent: nowhere */
    IMAGE_KEY_DEVICE = 'n',      /* nothing: the device's id, the names of its groups, each with its NUL */
    IMAGE_KEY_LOCAL_ROOTS = 'l', /* nothing: certificates */
    IMAGE_KEY_MESSAGE = 'm',     /* a program's name, cut to NAME_SIZE - 1: its text with its NUL */
};

struct image_header {
    char magic[16]; /* IMAGE_MAGIC */
    uint32_t byte_order;
    uint32_t schema;
    uint64_t policy_version; /* digest of the policy's content; never 0 */
    uint32_t image_size;     /* of the whole file, bytes */
    uint32_t cdb_size;
    uint32_t sums_offset;
    uint32_t persona_count;
    uint8_t switch_mode; /* enum switch_mode */
    uint8_t action;      /* enum action */
    uint8_t allow_override;
    uint8_t syslog;
    uint8_t desktop;
    uint8_t local_proxy;  /* enum local_proxy */
    uint8_t no_addresses; /* no entry is for an IP address; 0: some may be */
    uint8_t reserved;     /* zero */
};

enum image_entry_flags {
    IMAGE_ENTRY_PINNED = 1,             /* absent: `pinned = false` */
    IMAGE_ENTRY_EXACT = 2,              /* covers the name itself */
    IMAGE_ENTRY_WILDCARD = 4,           /* `*.name`: covers exactly one label more */
    IMAGE_ENTRY_SUBDOMAINS = 8,         /* `include_subdomains`: covers every name below, too */
    IMAGE_ENTRY_INSPECTION = 16,        /* `allow_ssl_inspection`, or its service's default */
    IMAGE_ENTRY_OPEN_WHEN_EXPIRED = 32, /* `on_expiry = "open"` */
};

/* One entry of a domain's record; `pin_count` struct pin follow it. Not aligned: read it by memcpy. */
struct image_entry {
    int64_t expires;  /* seconds since 1970 from which the pins are expired; INT64_MAX: never */
    uint32_t persona; /* its index, or IMAGE_NO_PERSONA for pinshim.conf */
    uint32_t line;    /* of the entry in its file, from 1 */
    uint16_t source;  /* index of the file in IMAGE_KEY_SOURCES */
    uint16_t pin_count;
    uint8_t service; /* enum service */
    uint8_t flags;   /* enum image_entry_flags */
    uint8_t reserved[2];
};

enum image_persona_flags {
    IMAGE_PERSONA_EVERYONE =
        1, /* applies whatever the groups: it names none, or the device is in one of them */
    IMAGE_PERSONA_VALIDATE = 2, /* validate_server_certificate */
    IMAGE_PERSONA_INSPECTION = 4,
};

/* One persona. Not aligned: read it by memcpy. */
struct image_persona {
    uint32_t flags;       /* enum image_persona_flags */
    uint32_t group_count; /* of the Unix group ids behind it */
    uint32_t version;
    uint32_t line;   /* of the persona in its file, from 1 */
    uint16_t source; /* index of the file in IMAGE_KEY_SOURCES */
    uint16_t reserved;
    uint32_t device_group_count;
    /* Behind the group ids, each with its NUL: its name, the names of its `group_count` user groups, those of
     * its device groups. */
};

_Static_assert(sizeof(struct image_header) == 56 && sizeof(struct image_entry) == 24,
               "no padding in the image");

/* The checksum of block number `index`: against damage (bad storage, half a copy), not against an attacker,
 * who could write the sums as well. Never the same for two places, nor 0 for a block of zeros. */
uint32_t image_block_sum(const void *block, size_t length, uint32_t index)
    __attribute__((nonnull, warn_unused_result));

#endif
