#include "tools/macho_file.h"

#include "tools/macho_bytes.h"
#include "tools/macho_entitlements.h"

#include <string.h>

enum {
    MAGIC_SIGNATURE = 0xfade0cc0,
    SEGMENT_SIZE = 72,
    SECTION_SIZE = 80,
    NAME_SIZE = 16,
};
enum { TYPE_EXECUTE = 2 };
enum { COMMAND_LOAD_DYLINKER = 0xe, COMMAND_SEGMENT = 0x19, COMMAND_SIGNATURE = 0x1d };
enum { SLOT_CODE_DIRECTORY = 0, SLOT_ENTITLEMENTS = 5, SLOT_ENTITLEMENTS_DER = 7 };
enum { FLAG_RESTRICT = 0x800, FLAG_REQUIRE_LV = 0x2000, FLAG_RUNTIME = 0x10000 };

static void grant(struct bytes list, bool (*is_entitled)(struct bytes, const char *),
                  struct macho_program *program)
{
    const bool first = !program->entitled;
    program->entitled = true;
    program->allows_variables = (first || program->allows_variables) &&
                                is_entitled(list, "com.apple.security.cs.allow-dyld-environment-variables");
    program->allows_libraries = (first || program->allows_libraries) &&
                                is_entitled(list, "com.apple.security.cs.disable-library-validation");
}

static bool read_blob(struct bytes signature, uint32_t slot, uint32_t offset, struct macho_program *program)
{
    struct bytes blob;
    uint32_t length, flags;
    if (slot != SLOT_CODE_DIRECTORY && slot != SLOT_ENTITLEMENTS && slot != SLOT_ENTITLEMENTS_DER)
        return true;
    if (!read_big(signature, (uint64_t)offset + 4, &length) || !cut(signature, offset, length, &blob))
        return false;
    if (slot == SLOT_ENTITLEMENTS)
        grant(blob, macho_entitled, program);
    else if (slot == SLOT_ENTITLEMENTS_DER)
        grant(blob, macho_entitled_der, program);
    else if (read_big(blob, 12, &flags))
        program->flags = flags;
    else
        return false;
    return true;
}

static bool read_signature(struct bytes file, uint64_t command, struct macho_program *program)
{
    struct bytes signature;
    uint32_t offset, size, magic, count, slot, blob;
    if (!read_little(file, command + 8, &offset) || !read_little(file, command + 12, &size) ||
        !cut(file, offset, size, &signature) || !read_big(signature, 0, &magic) || magic != MAGIC_SIGNATURE ||
        !read_big(signature, 8, &count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        if (!read_big(signature, 12 + 8 * (uint64_t)i, &slot) ||
            !read_big(signature, 16 + 8 * (uint64_t)i, &blob) || !read_blob(signature, slot, blob, program))
            return false;
    return true;
}

static bool read_segment(struct bytes file, uint64_t command, struct macho_program *program)
{
    static const char segment[NAME_SIZE] = "__RESTRICT", section[NAME_SIZE] = "__restrict";
    uint32_t count;
    if (!read_little(file, command + 64, &count))
        return false;
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *names =
            at_offset(file, command + SEGMENT_SIZE + SECTION_SIZE * (uint64_t)i, (uint64_t)2 * NAME_SIZE);
        if (!names)
            return false;
        program->restricted |=
            memcmp(names, section, NAME_SIZE) == 0 && memcmp(names + NAME_SIZE, segment, NAME_SIZE) == 0;
    }
    return true;
}

static bool read_commands(struct bytes file, uint32_t count, struct macho_program *program)
{
    uint64_t at = MACHO_HEADER_SIZE;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t kind, size;
        if (!read_little(file, at, &kind) || !read_little(file, at + 4, &size) || size < 8)
            return false;
        if (kind == COMMAND_LOAD_DYLINKER)
            program->static_ = false;
        if ((kind == COMMAND_SEGMENT && !read_segment(file, at, program)) ||
            (kind == COMMAND_SIGNATURE && !read_signature(file, at, program)))
            return false;
        at += size;
    }
    return true;
}

static enum macho_status parse_one(struct bytes file, struct macho_program *program)
{
    uint32_t magic, type, count;
    *program = (struct macho_program){.static_ = true};
    if (!read_little(file, 0, &magic) || magic != MACHO_MAGIC)
        return MACHO_NOT_MACHO;
    if (!read_little(file, 12, &type) || type != TYPE_EXECUTE || !read_little(file, 16, &count) ||
        !read_commands(file, count, program))
        return MACHO_MALFORMED;
    return MACHO_OK;
}

/* Which one of them will be started isn't known: what keeps a library out of one counts, and what lets it in
 * has to hold for all. */
static enum macho_status parse_fat(struct bytes file, uint32_t count, struct macho_program *program)
{
    *program = (struct macho_program){.allows_variables = true, .allows_libraries = true};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t offset, size;
        struct bytes part;
        struct macho_program one;
        const uint64_t row = 8 + MACHO_FAT_ROW_SIZE * (uint64_t)i;
        if (!read_big(file, row + 8, &offset) || !read_big(file, row + 12, &size) ||
            !cut(file, offset, size, &part) || parse_one(part, &one) != MACHO_OK)
            return MACHO_MALFORMED;
        program->static_ |= one.static_;
        program->restricted |= one.restricted;
        program->flags |= one.flags;
        program->allows_variables &= one.allows_variables;
        program->allows_libraries &= one.allows_libraries;
    }
    return MACHO_OK;
}

enum macho_status macho_parse(const void *bytes, size_t size, struct macho_program *program)
{
    const struct bytes file = {bytes, size};
    uint32_t magic, count;
    if (read_big(file, 0, &magic) && magic == MACHO_MAGIC_FAT && read_big(file, 4, &count) && count > 0 &&
        count <= MACHO_FAT_ROWS_MAX)
        return parse_fat(file, count, program);
    return parse_one(file, program);
}

/* System Integrity Protection's folders (/System/Library/Sandbox/rootless.conf): their programs are Apple's
 * own. */
static bool is_of_system(const char *path)
{
    static const char *const folders[] = {"/System/", "/usr/", "/bin/", "/sbin/"};
    if (strncmp(path, "/usr/local/", strlen("/usr/local/")) == 0)
        return false;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strncmp(path, folders[i], strlen(folders[i])) == 0)
            return true;
    return false;
}

const char *macho_refusal(const struct macho_program *program, const char *path)
{
    const bool hardened = program->flags & FLAG_RUNTIME;
    if (program->static_)
        return "starts without dyld";
    if (is_of_system(path))
        return "protected by System Integrity Protection: dyld ignores DYLD_INSERT_LIBRARIES";
    if (program->restricted || (program->flags & FLAG_RESTRICT))
        return "restricted: dyld ignores DYLD_INSERT_LIBRARIES";
    if (hardened && !program->allows_variables)
        return "hardened runtime: dyld ignores DYLD_INSERT_LIBRARIES";
    if ((hardened || (program->flags & FLAG_REQUIRE_LV)) && !program->allows_libraries)
        return "library validation: dyld loads Apple's and its own maker's libraries alone";
    return NULL;
}
