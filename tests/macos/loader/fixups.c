/* Rebases and binds, as the opcodes of LC_DYLD_INFO tell them: what lld 14 writes. */
#include "tests/macos/loader/image.h"

#include <stdlib.h>
#include <string.h>

enum { OPCODE = 0xf0, IMMEDIATE = 0x0f, POINTER = 8 };

enum rebase {
    REBASE_DONE = 0x00,
    REBASE_TYPE = 0x10,
    REBASE_SEGMENT = 0x20,
    REBASE_ADD = 0x30,
    REBASE_ADD_POINTERS = 0x40,
    REBASE_DO_SOME = 0x50,
    REBASE_DO_MANY = 0x60,
    REBASE_DO_ADD = 0x70,
    REBASE_DO_MANY_SKIPPING = 0x80,
};

enum bind {
    BIND_DONE = 0x00,
    BIND_ORDINAL = 0x10,
    BIND_ORDINAL_LONG = 0x20,
    BIND_ORDINAL_SPECIAL = 0x30,
    BIND_SYMBOL = 0x40,
    BIND_TYPE = 0x50,
    BIND_ADDEND = 0x60,
    BIND_SEGMENT = 0x70,
    BIND_ADD = 0x80,
    BIND_DO = 0x90,
    BIND_DO_ADD = 0xa0,
    BIND_DO_ADD_POINTERS = 0xb0,
    BIND_DO_MANY_SKIPPING = 0xc0,
};

enum { ORDINAL_PROGRAM = -1, ORDINAL_FLAT = -2, ORDINAL_WEAK = -3 };
enum { SYMBOL_WEAK_IMPORT = 0x1 };

struct state {
    const struct image *image;
    const uint8_t *at, *end;
    char *place;
    const char *symbol;
    int ordinal, flags;
    int64_t addend;
};

static uint64_t unsigned_leb(struct state *s)
{
    uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
        const uint8_t byte = *s->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return value;
    }
}

static int64_t signed_leb(struct state *s)
{
    int64_t value = 0;
    int shift = 0;
    uint8_t byte;
    do {
        byte = *s->at++;
        value |= (int64_t)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return byte & 0x40 && shift < 64 ? value | -(INT64_C(1) << shift) : value;
}

static void set_segment(struct state *s, int number)
{
    const struct command *found = NULL;
    for (int i = 0; i <= number; i++)
        found = next_command(s->image, found, COMMAND_SEGMENT);
    if (!found)
        fail("%s: no segment %d", s->image->path, number);
    s->place = (char *)(((const struct segment *)found)->address + (uintptr_t)s->image->slide);
    s->place += unsigned_leb(s);
}

static void rebase_some(struct state *s, uint64_t count, uint64_t skip)
{
    while (count--) {
        *(intptr_t *)(void *)s->place += s->image->slide;
        s->place += POINTER + skip;
    }
}

static void rebase_skipping(struct state *s)
{
    const uint64_t count = unsigned_leb(s);
    rebase_some(s, count, unsigned_leb(s));
}

static void rebase(struct state s)
{
    while (s.at < s.end) {
        const uint8_t byte = *s.at++, value = byte & IMMEDIATE;
        switch (byte & OPCODE) {
        case REBASE_DONE:
        case REBASE_TYPE:
            break;
        case REBASE_SEGMENT:
            set_segment(&s, value);
            break;
        case REBASE_ADD:
            s.place += unsigned_leb(&s);
            break;
        case REBASE_ADD_POINTERS:
            s.place += value * POINTER;
            break;
        case REBASE_DO_SOME:
            rebase_some(&s, value, 0);
            break;
        case REBASE_DO_MANY:
            rebase_some(&s, unsigned_leb(&s), 0);
            break;
        case REBASE_DO_ADD:
            rebase_some(&s, 1, unsigned_leb(&s));
            break;
        case REBASE_DO_MANY_SKIPPING:
            rebase_skipping(&s);
            break;
        default:
            fail("%s: rebase opcode %#x", s.image->path, byte);
        }
    }
}

static void *look_up(const struct state *s, const char *name)
{
    const struct image *image = s->image;
    if (s->ordinal == ORDINAL_FLAT || s->ordinal == ORDINAL_WEAK)
        return symbol_anywhere(name, NULL, true);
    if (s->ordinal == ORDINAL_PROGRAM)
        return find_export(images, name);
    if (s->ordinal == 0)
        return find_export(image, name);
    if (s->ordinal < 0 || s->ordinal > image->needed_count)
        fail("%s: library %d of %s", image->path, s->ordinal, name);
    const struct image *library = image->needed[s->ordinal - 1];
    return library ? find_export(library, name) : symbol_of_system(name);
}

static void bind(struct state *s, uint64_t skip)
{
    const char *name = s->symbol + (s->symbol[0] == '_');
    char *target = look_up(s, name);
    if (!target && !(s->flags & SYMBOL_WEAK_IMPORT))
        fail("%s: %s isn't there", s->image->path, s->symbol);
    target = interposed(target, s->image);
    *(char **)(void *)s->place = target ? target + s->addend : NULL;
    s->place += POINTER + skip;
}

static void bind_skipping(struct state *s)
{
    uint64_t count = unsigned_leb(s);
    const uint64_t skip = unsigned_leb(s);
    while (count--)
        bind(s, skip);
}

static void set_symbol(struct state *s, int flags)
{
    s->flags = flags;
    s->symbol = (const char *)s->at;
    s->at += strlen(s->symbol) + 1;
}

/* In the lazy ones, DONE ends one symbol's. */
static void bind_all(struct state s)
{
    while (s.at < s.end) {
        const uint8_t byte = *s.at++, value = byte & IMMEDIATE;
        switch (byte & OPCODE) {
        case BIND_DONE:
        case BIND_TYPE:
            break;
        case BIND_ORDINAL:
            s.ordinal = value;
            break;
        case BIND_ORDINAL_LONG:
            s.ordinal = (int)unsigned_leb(&s);
            break;
        case BIND_ORDINAL_SPECIAL:
            s.ordinal = value ? (int8_t)(OPCODE | value) : 0;
            break;
        case BIND_SYMBOL:
            set_symbol(&s, value);
            break;
        case BIND_ADDEND:
            s.addend = signed_leb(&s);
            break;
        case BIND_SEGMENT:
            set_segment(&s, value);
            break;
        case BIND_ADD:
            s.place += unsigned_leb(&s);
            break;
        case BIND_DO:
            bind(&s, 0);
            break;
        case BIND_DO_ADD:
            bind(&s, unsigned_leb(&s));
            break;
        case BIND_DO_ADD_POINTERS:
            bind(&s, (uint64_t)value * POINTER);
            break;
        case BIND_DO_MANY_SKIPPING:
            bind_skipping(&s);
            break;
        default:
            fail("%s: bind opcode %#x", s.image->path, byte);
        }
    }
}

static struct state over(const struct image *image, uint32_t offset, uint32_t size)
{
    const uint8_t *start = (const uint8_t *)linkedit(image, offset);
    return (struct state){.image = image, .at = start, .end = start + size};
}

/* BIND_DO_ADD's operand is read before the place moves: the slot is that of before. */
void fix_up(const struct image *image)
{
    const struct dyld_info *info =
        (const struct dyld_info *)next_command(image, NULL, COMMAND_DYLD_INFO_ONLY);
    if (next_command(image, NULL, COMMAND_CHAINED_FIXUPS))
        fail("%s: chained fixups aren't known here", image->path);
    if (!info)
        return;
    rebase(over(image, info->rebase, info->rebase_size));
    bind_all(over(image, info->bind, info->bind_size));
    bind_all(over(image, info->weak, info->weak_size));
    bind_all(over(image, info->lazy, info->lazy_size)); /* at once, as dyld does since macOS 12 */
}
