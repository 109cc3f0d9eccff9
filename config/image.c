#include "config/image.h"

#include "config/map.h"

#include <cdb.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

enum {
    TABLES = 256, /* of a cdb, each with 8 bytes in the table of contents: its position, its slots */
    TOC_SIZE = TABLES * 8,
    SLOT_SIZE = 8,       /* the hash, the record's position */
    RECORD_HEAD_SIZE = 8 /* the key's length, the value's */
};

uint32_t image_block_sum(const void *block, size_t length, uint32_t index)
{
    const uint64_t prime = 0x9e3779b97f4a7c15U;
    const uint8_t *bytes = block;
    uint64_t sum = ((uint64_t)index + 1) * prime;
    for (; length >= 8; bytes += 8, length -= 8) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        sum = (sum ^ word) * prime;
        sum ^= sum >> 29; /* so that high bits, too, move every later bit */
    }
    for (; length; bytes++, length--)
        sum = (sum ^ *bytes) * prime;
    return (uint32_t)(sum >> 32) | 1; /* never that of zeros that a file system left */
}

/* What the cdb's `length` bytes at `position` hold; NULL beyond its end. */
static const uint8_t *bytes_at(const struct image *image, uint64_t position, uint64_t length)
{
    if (position + length > image->header.cdb_size) /* neither is over 32 bits by much: no overflow */
        return NULL;
    return image->start + position;
}

/* `index` is that of a block of the cdb; read_header has proven that its sum lies in the file. */
static bool block_is_whole(const struct image *image, uint32_t index)
{
    const size_t start = (size_t)index * IMAGE_BLOCK_SIZE, left = image->header.cdb_size - start;
    uint32_t sum;
    memcpy(&sum, image->start + image->header.sums_offset + index * sizeof sum, sizeof sum);
    return sum ==
           image_block_sum(image->start + start, left < IMAGE_BLOCK_SIZE ? left : IMAGE_BLOCK_SIZE, index);
}

/* Bytes of the cdb, every block that they touch checked; NULL where they are damaged or beyond the end.
 * `checked` is the block checked last: a walk along a table needn't check it at each step. */
static const uint8_t *proven(const struct image *image, uint64_t position, uint64_t length, uint32_t *checked)
{
    const uint8_t *bytes = bytes_at(image, position, length);
    if (!bytes || length == 0)
        return bytes;
    const uint32_t last = (uint32_t)((position + length - 1) / IMAGE_BLOCK_SIZE);
    for (uint32_t i = (uint32_t)(position / IMAGE_BLOCK_SIZE); i <= last; i++) {
        if (i != *checked && !block_is_whole(image, i))
            return NULL;
        *checked = i;
    }
    return bytes;
}

static enum image_status read_header(struct image *image)
{
    struct image_header *header = &image->header;
    if (image->size < IMAGE_HEADER_OFFSET + sizeof *header ||
        memcmp(image->start + IMAGE_HEADER_OFFSET, IMAGE_MAGIC, sizeof IMAGE_MAGIC) != 0)
        return IMAGE_NOT_IMAGE;
    memcpy(header, image->start + IMAGE_HEADER_OFFSET, sizeof *header);
    if (header->byte_order != IMAGE_BYTE_ORDER || header->schema != IMAGE_SCHEMA)
        return IMAGE_NEWER;
    const uint64_t blocks = ((uint64_t)header->cdb_size + IMAGE_BLOCK_SIZE - 1) / IMAGE_BLOCK_SIZE;
    const bool sizes = header->cdb_size >= IMAGE_HEADER_OFFSET + sizeof *header &&
                       header->sums_offset >= header->cdb_size &&
                       header->sums_offset + blocks * sizeof(uint32_t) == header->image_size &&
                       header->image_size == image->size;
    uint32_t checked = UINT32_MAX;
    if (!sizes || header->persona_count > IMAGE_PERSONAS ||
        !proven(image, IMAGE_HEADER_OFFSET, sizeof *header, &checked))
        return IMAGE_DAMAGED;
    return IMAGE_OK;
}

enum image_status image_open(struct image *image, int fd)
{
    image->file = 0;
    image->start = map_file(fd, &image->size);
    if (!image->start)
        return errno == EINVAL ? IMAGE_NOT_IMAGE : IMAGE_UNREADABLE; /* EINVAL: an empty file */
    const enum image_status status = read_header(image);
    if (status != IMAGE_OK)
        image_close(image);
    return status;
}

void image_close(struct image *image)
{
    map_free(image->start, image->size);
}

const char *image_status_text(enum image_status status)
{
    switch (status) {
    case IMAGE_OK:
        return "is whole";
    case IMAGE_UNREADABLE:
        return "can't be read";
    case IMAGE_NOT_IMAGE:
        return "is no compiled policy";
    case IMAGE_NEWER:
        return "is of another version, or of another kind of machine: compile it again";
    case IMAGE_DAMAGED:
        break;
    }
    return "is damaged: compile it again";
}

/* A record whose slot carries the key's hash: is it the key's? */
static enum image_found compare_record(const struct image *image, uint32_t position, const void *key,
                                       size_t key_length, const uint8_t **value, size_t *value_length)
{
    uint32_t checked = UINT32_MAX;
    const uint8_t *head = proven(image, position, RECORD_HEAD_SIZE, &checked);
    if (!head)
        return IMAGE_FIND_DAMAGED;
    const uint32_t stored_length = cdb_unpack(head), length = cdb_unpack(head + 4);
    if (stored_length != key_length)
        return IMAGE_ABSENT;
    const uint64_t key_position = (uint64_t)position + RECORD_HEAD_SIZE;
    const uint8_t *stored = proven(image, key_position, key_length, &checked);
    if (!stored)
        return IMAGE_FIND_DAMAGED;
    if (memcmp(stored, key, key_length) != 0)
        return IMAGE_ABSENT;
    *value = proven(image, key_position + key_length, length, &checked);
    *value_length = length;
    return *value ? IMAGE_FOUND : IMAGE_FIND_DAMAGED;
}

/* The walk of a cdb's hash table (https://cr.yp.to/cdb/cdb.txt). libcdb's own can't tell a damaged table from
 * a key that isn't there. */
enum image_found image_find(const struct image *image, const void *key, size_t key_length,
                            const uint8_t **value, size_t *value_length)
{
    const uint32_t hash = cdb_hash(key, (unsigned)key_length);
    uint32_t checked = UINT32_MAX;
    const uint8_t *toc = proven(image, (uint64_t)(hash % TABLES) * 8, 8, &checked);
    if (!toc)
        return IMAGE_FIND_DAMAGED;
    const uint32_t table = cdb_unpack(toc), slots = cdb_unpack(toc + 4);
    for (uint32_t i = 0, slot = slots ? (hash >> 8) % slots : 0; i < slots; i++, slot = (slot + 1) % slots) {
        const uint8_t *entry = proven(image, table + (uint64_t)slot * SLOT_SIZE, SLOT_SIZE, &checked);
        if (!entry)
            return IMAGE_FIND_DAMAGED;
        const uint32_t position = cdb_unpack(entry + 4);
        if (position == 0)
            return IMAGE_ABSENT;
        if (cdb_unpack(entry) != hash)
            continue;
        const enum image_found found = compare_record(image, position, key, key_length, value, value_length);
        if (found != IMAGE_ABSENT)
            return found;
    }
    return IMAGE_ABSENT;
}

enum image_found image_find_kind(const struct image *image, enum image_key kind, const uint8_t **value,
                                 size_t *value_length)
{
    const char key = (char)kind;
    return image_find(image, &key, sizeof key, value, value_length);
}

enum image_found image_find_persona(const struct image *image, enum image_key kind, uint32_t index,
                                    const uint8_t **value, size_t *value_length)
{
    char key[1 + sizeof index] = {(char)kind};
    memcpy(key + 1, &index, sizeof index);
    return image_find(image, key, sizeof key, value, value_length);
}

enum image_status image_verify(const struct image *image)
{
    for (uint64_t at = 0; at < image->header.cdb_size; at += IMAGE_BLOCK_SIZE)
        if (!block_is_whole(image, (uint32_t)(at / IMAGE_BLOCK_SIZE)))
            return IMAGE_DAMAGED;
    return IMAGE_OK;
}
