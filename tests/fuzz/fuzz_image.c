/* The reader of images, given any bytes in place of the records, with a header and sums that are right, as
 * somebody would write them who wants more than damage: no access outside the file, no endless search. */
#include "config/image.h"
#include "config/rule.h"
#include "shim/personas.h"
#include "tests/fuzz/require.h"

#include <sys/mman.h>
#include <unistd.h>

static const char *const names[] = {"a.test", "b.a.test", "c.b.a.test", "192.0.2.7", "absent.example"};

static const uint8_t *volatile sink;

/* Makes the bytes an image as far as its header goes: the records' are left as they are. */
static size_t complete(uint8_t *bytes, size_t cdb_size)
{
    struct image_header header;
    const size_t sums = (cdb_size + 7) / 8 * 8;
    const uint32_t blocks = (uint32_t)((cdb_size + IMAGE_BLOCK_SIZE - 1) / IMAGE_BLOCK_SIZE);
    memcpy(&header, bytes + IMAGE_HEADER_OFFSET, sizeof header);
    memcpy(header.magic, IMAGE_MAGIC, sizeof header.magic);
    header.byte_order = IMAGE_BYTE_ORDER;
    header.schema = IMAGE_SCHEMA;
    header.persona_count %= 64;
    header.cdb_size = (uint32_t)cdb_size;
    header.sums_offset = (uint32_t)sums;
    header.image_size = (uint32_t)(sums + blocks * sizeof(uint32_t));
    memcpy(bytes + IMAGE_HEADER_OFFSET, &header, sizeof header);
    for (uint32_t i = 0; i < blocks; i++) {
        const size_t start = (size_t)i * IMAGE_BLOCK_SIZE, left = cdb_size - start;
        const uint32_t sum =
            image_block_sum(bytes + start, left < IMAGE_BLOCK_SIZE ? left : IMAGE_BLOCK_SIZE, i);
        memcpy(bytes + sums + i * sizeof sum, &sum, sizeof sum);
    }
    return header.image_size;
}

static void read_everything(const struct image *image)
{
    const enum image_key kinds[] = {IMAGE_KEY_SOURCES, IMAGE_KEY_TRUST_ROOTS, IMAGE_KEY_EVENTS_FILE};
    struct applied_personas applied = {0};
    const uint8_t *value;
    size_t length;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (image_find_kind(image, kinds[i], &value, &length) == IMAGE_FOUND)
            sink = length ? value + value[0] * 0 + value[length - 1] * 0 : value;
    if (!personas_apply(image, &applied))
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct rule rule;
        struct pin pins[4] = {{{0}}};
        if (rule_resolve(image, &applied, names[i], 1900000000, &rule) != RULE_FOUND)
            continue;
        const size_t count = rule_pins(&rule, pins, 4);
        require(count <= 4 && (count == 0 || rule_holds_pin(&rule, &pins[0])));
        require(strlen(rule.name) < sizeof rule.name);
    }
}

static void read_bytes(const uint8_t *bytes, size_t size)
{
    struct image image;
    const int fd = memfd_create("image", MFD_CLOEXEC);
    if (write(fd, bytes, size) == (ssize_t)size && image_open(&image, fd) == IMAGE_OK) {
        (void)!image_verify(&image);
        read_everything(&image);
        image_close(&image);
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { LEAST = IMAGE_HEADER_OFFSET + sizeof(struct image_header) };
    const size_t cdb_size = size < LEAST ? LEAST : size;
    read_bytes(data, size);
    uint8_t *bytes = calloc(1, cdb_size + 8 + cdb_size / IMAGE_BLOCK_SIZE * 4 + 8);
    memcpy(bytes, data, size);
    read_bytes(bytes, complete(bytes, cdb_size));
    free(bytes);
    return 0;
}
