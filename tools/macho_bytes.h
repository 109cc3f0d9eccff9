/* Reads in a Mach-O file, each checked against its end. */
#ifndef PINSHIM_TOOLS_MACHO_BYTES_H
#define PINSHIM_TOOLS_MACHO_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MACHO_MAGIC = 0xfeedfacf, /* 64 bits, little-endian, as both architectures are */
    MACHO_MAGIC_FAT = 0xcafebabe,
    MACHO_HEADER_SIZE = 32,
    MACHO_FAT_ROW_SIZE = 20,
    MACHO_FAT_ROWS_MAX = 16, /* a Java class begins alike, and its version is above */
};

/* The file, or one architecture's part of it, or a table inside. */
struct bytes {
    const uint8_t *start;
    size_t size;
};

/* `length` bytes from `offset`, or NULL. */
static inline const uint8_t *at_offset(struct bytes file, uint64_t offset, uint64_t length)
{
    return offset <= file.size && length <= file.size - offset ? file.start + offset : NULL;
}

static inline bool read_little(struct bytes file, uint64_t offset, uint32_t *value)
{
    const uint8_t *b = at_offset(file, offset, 4);
    if (b)
        *value = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    return b;
}

static inline bool read_big(struct bytes file, uint64_t offset, uint32_t *value)
{
    const uint8_t *b = at_offset(file, offset, 4);
    if (b)
        *value = b[3] | (uint32_t)b[2] << 8 | (uint32_t)b[1] << 16 | (uint32_t)b[0] << 24;
    return b;
}

/* A part of it; false where that isn't inside. */
static inline bool cut(struct bytes file, uint64_t offset, uint64_t length, struct bytes *part)
{
    const uint8_t *start = at_offset(file, offset, length);
    *part = (struct bytes){start, (size_t)length};
    return start;
}

#endif
