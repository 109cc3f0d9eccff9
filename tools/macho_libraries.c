#include "tools/macho_libraries.h"

#include "tools/macho_bytes.h"
#include "tools/tls_marks.h"

#include <string.h>

enum {
    COMMAND_LOAD = 0xc,
    COMMAND_LOAD_LAZY = 0x20,
    COMMAND_LOAD_WEAK = (int)0x80000018,
    COMMAND_SEARCH_PATH = (int)0x8000001c,
    COMMAND_EXPORT_AGAIN = (int)0x8000001f,
    COMMAND_LOAD_UPWARD = (int)0x80000023,
};

static bool is_load(int kind)
{
    return kind == COMMAND_LOAD || kind == COMMAND_LOAD_LAZY || kind == COMMAND_LOAD_WEAK ||
           kind == COMMAND_EXPORT_AGAIN || kind == COMMAND_LOAD_UPWARD;
}

static bool visit_one(struct bytes file, macho_visitor *visit, void *argument)
{
    uint32_t magic, count, kind, size, offset;
    uint64_t at = MACHO_HEADER_SIZE;
    if (!read_little(file, 0, &magic) || magic != MACHO_MAGIC || !read_little(file, 16, &count))
        return false;
    for (uint32_t i = 0; i < count; i++, at += size) {
        if (!read_little(file, at, &kind) || !read_little(file, at + 4, &size) || size < 8)
            return false;
        const bool search = (int)kind == COMMAND_SEARCH_PATH;
        if (!search && !is_load((int)kind))
            continue;
        struct bytes text;
        if (!read_little(file, at + 8, &offset) || offset >= size ||
            !cut(file, at + offset, size - offset, &text) || !memchr(text.start, '\0', text.size))
            return false;
        visit((const char *)text.start, search, argument);
    }
    return true;
}

bool macho_libraries(const void *bytes, size_t size, macho_visitor *visit, void *argument)
{
    const struct bytes file = {bytes, size};
    uint32_t magic, count, offset, length;
    if (!read_big(file, 0, &magic) || magic != MACHO_MAGIC_FAT)
        return visit_one(file, visit, argument);
    if (!read_big(file, 4, &count) || count > MACHO_FAT_ROWS_MAX)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        struct bytes part;
        const uint64_t row = 8 + MACHO_FAT_ROW_SIZE * (uint64_t)i;
        if (!read_big(file, row + 8, &offset) || !read_big(file, row + 12, &length) ||
            !cut(file, offset, length, &part) || !visit_one(part, visit, argument))
            return false;
    }
    return true;
}

struct linked {
    bool openssl, java;
};

static void note(const char *text, bool search, void *argument)
{
    struct linked *linked = argument;
    const char *slash = strrchr(text, '/'), *name = slash ? slash + 1 : text;
    linked->openssl |= !search && strncmp(name, "libssl.", strlen("libssl.")) == 0;
    linked->java |= !search && strcmp(name, "libjli.dylib") == 0;
}

static bool has_rustls(const void *bytes, size_t size, unsigned marks)
{
    return tls_marked(marks, MARK_RUSTLS_MODULE) ||
           (tls_marked(marks, MARK_RUSTLS_CLIENT) && memmem(bytes, size, "rustls", strlen("rustls")));
}

const char *macho_tls(const void *bytes, size_t size, unsigned marks)
{
    struct linked linked = {0};
    if (!macho_libraries(bytes, size, note, &linked))
        return NULL;
    if (linked.java) /* the launcher of a JDK */
        return "Java's own TLS";
    if (tls_marked(marks, MARK_GO_BUILD_INFO) && tls_marked(marks, MARK_GO_TLS))
        return "Go's own TLS";
    if (has_rustls(bytes, size, marks))
        return "rustls";
    if (linked.openssl) /* and may well name the libraries that it could use instead */
        return NULL;
    if (tls_marked(marks, MARK_BORINGSSL) || tls_marked(marks, MARK_BORINGSSL_CLIENT))
        return "a BoringSSL of its own";
    return tls_marked(marks, MARK_OPENSSL_CLIENT) ? "an OpenSSL of its own" : NULL;
}
