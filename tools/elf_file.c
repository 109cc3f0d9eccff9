#include "tools/elf_file.h"

#include "tools/elf_record.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* More than any file has that is loaded. A file that says more is somebody's who wants to be looked at for
 * long.
 */
enum {
    MOST_SEGMENT_BYTES = 1 << 16, /* the kernel's own limit */
    MOST_DYNAMIC = 1 << 12,
    MOST_SYMBOLS = 1 << 18, /* in one hash chain, or in a table without one */
    MOST_TEXT = 1 << 16,
};

/* The header of this very program, from the linker: what it is compiled for, a library for it must be. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/* `length` bytes of the file from `offset`, or NULL. */
static const uint8_t *at_offset(const struct elf_file *elf, uint64_t offset, uint64_t length)
{
    return offset <= elf->size && length <= elf->size - offset ? elf->bytes + offset : NULL;
}

/* A NUL-terminated string of the file, or NULL. */
static const char *string_at(const struct elf_file *elf, uint64_t offset)
{
    const uint8_t *text = at_offset(elf, offset, 1);
    const size_t left = text ? elf->size - offset : 0;
    return text && memchr(text, '\0', left < MOST_TEXT ? left : MOST_TEXT) ? (const char *)text : NULL;
}

static bool segment_read(const struct elf_file *elf, unsigned index, Elf64_Phdr *segment)
{
    const size_t size = elf_record_size(ELF_SEGMENT, elf->narrow);
    if (index >= elf->header.e_phnum)
        return false;
    const uint8_t *bytes = at_offset(elf, elf->header.e_phoff + (uint64_t)index * size, size);
    if (bytes)
        *segment = elf_record_segment(bytes, elf->narrow);
    return bytes;
}

static bool segment_find(const struct elf_file *elf, uint32_t type, Elf64_Phdr *segment)
{
    for (unsigned i = 0; segment_read(elf, i, segment); i++)
        if (segment->p_type == type)
            return true;
    return false;
}

/* Where in the file an address of the loaded program stands; `size` (beyond the end) where it doesn't. */
static uint64_t offset_of(const struct elf_file *elf, uint64_t address)
{
    Elf64_Phdr segment;
    for (unsigned i = 0; segment_read(elf, i, &segment); i++)
        if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
            address - segment.p_vaddr < segment.p_filesz)
            return segment.p_offset + (address - segment.p_vaddr);
    return elf->size;
}

static bool read_u32(const struct elf_file *elf, uint64_t offset, uint32_t *value)
{
    const uint8_t *bytes = at_offset(elf, offset, sizeof *value);
    if (bytes)
        memcpy(value, bytes, sizeof *value);
    return bytes;
}

/* For this very machine, or for i386 beside amd64. */
static bool is_for_us(const struct elf_file *elf)
{
    const Elf64_Ehdr *header = &elf->header;
    if (header->e_ident[EI_DATA] != __ehdr_start.e_ident[EI_DATA])
        return false;
    if (header->e_ident[EI_CLASS] == __ehdr_start.e_ident[EI_CLASS])
        return header->e_machine == __ehdr_start.e_machine;
    return __ehdr_start.e_machine == EM_X86_64 && elf->narrow && header->e_machine == EM_386;
}

enum elf_status elf_parse(struct elf_file *elf, const void *bytes, size_t size)
{
    *elf = (struct elf_file){.bytes = bytes, .size = size};
    if (size < SELFMAG || memcmp(bytes, ELFMAG, SELFMAG) != 0)
        return ELF_NOT_ELF;
    elf->narrow = size >= EI_NIDENT && elf->bytes[EI_CLASS] == ELFCLASS32;
    if (size < elf_record_size(ELF_HEADER, elf->narrow))
        return ELF_MALFORMED;
    elf->header = elf_record_header(bytes, elf->narrow);
    if (!is_for_us(elf))
        return ELF_FOREIGN;
    if ((elf->header.e_type != ET_EXEC && elf->header.e_type != ET_DYN) || elf->header.e_phnum == 0 ||
        elf->header.e_phentsize != elf_record_size(ELF_SEGMENT, elf->narrow) ||
        elf->header.e_phnum > MOST_SEGMENT_BYTES / elf->header.e_phentsize)
        return ELF_MALFORMED;
    for (unsigned i = 0; i < elf->header.e_phnum; i++) {
        Elf64_Phdr segment;
        if (!segment_read(elf, i, &segment) || !at_offset(elf, segment.p_offset, segment.p_filesz))
            return ELF_MALFORMED;
    }
    return ELF_OK;
}

enum elf_status elf_open(struct elf_file *elf, int fd)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || status.st_size <= 0)
        return ELF_NOT_ELF;
    const size_t size = (size_t)status.st_size;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return ELF_NOT_ELF;
    const enum elf_status parsed = elf_parse(elf, bytes, size);
    if (parsed != ELF_OK)
        munmap(bytes, size);
    return parsed;
}

void elf_close(struct elf_file *elf)
{
    munmap((void *)elf->bytes, elf->size);
}

const char *elf_loader(const struct elf_file *elf)
{
    Elf64_Phdr segment;
    return segment_find(elf, PT_INTERP, &segment) ? string_at(elf, segment.p_offset) : NULL;
}

/* The `index`-th entry of the dynamic section with this tag. */
static bool dynamic_find(const struct elf_file *elf, int64_t tag, unsigned index, uint64_t *value)
{
    Elf64_Phdr segment;
    if (!segment_find(elf, PT_DYNAMIC, &segment))
        return false;
    const size_t size = elf_record_size(ELF_DYNAMIC, elf->narrow);
    const uint64_t end = segment.p_filesz < MOST_DYNAMIC * size ? segment.p_filesz : MOST_DYNAMIC * size;
    for (uint64_t at = 0; at + size <= end; at += size) {
        const uint8_t *bytes = at_offset(elf, segment.p_offset + at, size);
        if (!bytes)
            return false;
        const Elf64_Dyn entry = elf_record_dynamic(bytes, elf->narrow);
        if (entry.d_tag == DT_NULL)
            return false;
        if (entry.d_tag == tag && index-- == 0) {
            *value = entry.d_un.d_val;
            return true;
        }
    }
    return false;
}

/* A string of the dynamic string table, or NULL. */
static const char *dynamic_string(const struct elf_file *elf, uint64_t index)
{
    uint64_t table;
    return dynamic_find(elf, DT_STRTAB, 0, &table) ? string_at(elf, offset_of(elf, table + index)) : NULL;
}

const char *elf_needed(const struct elf_file *elf, unsigned index)
{
    uint64_t name;
    if (!dynamic_find(elf, DT_NEEDED, index, &name))
        return NULL;
    const char *library = dynamic_string(elf, name);
    return library ? library : "";
}

bool elf_needs(const struct elf_file *elf, const char *library)
{
    const char *name;
    for (unsigned i = 0; (name = elf_needed(elf, i)); i++)
        if (strncmp(name, library, strlen(library)) == 0)
            return true;
    return false;
}

const char *elf_search_path(const struct elf_file *elf, int64_t tag)
{
    uint64_t path;
    return dynamic_find(elf, tag, 0, &path) ? dynamic_string(elf, path) : NULL;
}

static bool symbol_is(const struct elf_file *elf, uint32_t index, const char *name)
{
    const size_t size = elf_record_size(ELF_SYMBOL, elf->narrow), length = strlen(name) + 1;
    uint64_t symbols, texts;
    if (!dynamic_find(elf, DT_SYMTAB, 0, &symbols) || !dynamic_find(elf, DT_STRTAB, 0, &texts))
        return false;
    const uint8_t *bytes = at_offset(elf, offset_of(elf, symbols + (uint64_t)index * size), size);
    if (!bytes)
        return false;
    const Elf64_Sym symbol = elf_record_symbol(bytes, elf->narrow);
    const uint8_t *text = at_offset(elf, offset_of(elf, texts + symbol.st_name), length);
    return symbol.st_shndx != SHN_UNDEF && text && memcmp(text, name, length) == 0;
}

static bool defined_by_gnu_hash(const struct elf_file *elf, uint64_t table, const char *name)
{
    uint32_t hash = 5381, head[4]; /* buckets, first symbol, words of the Bloom filter, its shift */
    for (const char *c = name; *c; c++)
        hash = hash * 33 + (unsigned char)*c;
    const uint64_t start = offset_of(elf, table);
    for (unsigned i = 0; i < 4; i++)
        if (!read_u32(elf, start + sizeof head[0] * i, &head[i]))
            return false;
    if (head[0] == 0)
        return false;
    const uint64_t buckets = start + sizeof head + (uint64_t)head[2] * (elf->narrow ? 4 : 8);
    const uint64_t chains = buckets + 4 * (uint64_t)head[0];
    uint32_t symbol, link;
    if (!read_u32(elf, buckets + 4 * (uint64_t)(hash % head[0]), &symbol) || symbol < head[1])
        return false;
    for (unsigned links = 0; links < MOST_SYMBOLS; links++, symbol++) { /* a chain's last link is odd */
        if (!read_u32(elf, chains + 4 * ((uint64_t)symbol - head[1]), &link) || symbol == UINT32_MAX)
            return false;
        if ((link | 1) == (hash | 1) && symbol_is(elf, symbol, name))
            return true;
        if (link & 1)
            return false;
    }
    return false;
}

static bool defined_by_hash(const struct elf_file *elf, uint64_t table, const char *name)
{
    uint32_t count; /* of chain links: one a symbol */
    const uint64_t start = offset_of(elf, table);
    if (!read_u32(elf, start + 4, &count))
        return false;
    for (uint32_t i = 0; i < count && i < MOST_SYMBOLS && at_offset(elf, start + 8 + 4 * (uint64_t)i, 4); i++)
        if (symbol_is(elf, i, name))
            return true;
    return false;
}

bool elf_defines(const struct elf_file *elf, const char *symbol)
{
    uint64_t table;
    if (dynamic_find(elf, DT_GNU_HASH, 0, &table))
        return defined_by_gnu_hash(elf, table, symbol);
    return dynamic_find(elf, DT_HASH, 0, &table) && defined_by_hash(elf, table, symbol);
}

static bool section_read(const struct elf_file *elf, unsigned index, Elf64_Shdr *section)
{
    const size_t size = elf_record_size(ELF_SECTION, elf->narrow);
    const uint64_t start = elf->header.e_shoff;
    if (elf->header.e_shentsize != size || index >= elf->header.e_shnum || start > elf->size)
        return false;
    const uint8_t *bytes = at_offset(elf, start + (uint64_t)index * size, size);
    if (bytes)
        *section = elf_record_section(bytes, elf->narrow);
    return bytes;
}

bool elf_has_section(const struct elf_file *elf, const char *name)
{
    Elf64_Shdr names, section;
    if (!section_read(elf, elf->header.e_shstrndx, &names) || names.sh_offset > elf->size)
        return false;
    for (unsigned i = 0; section_read(elf, i, &section); i++) {
        const char *found = string_at(elf, names.sh_offset + section.sh_name);
        if (found && strcmp(found, name) == 0)
            return true;
    }
    return false;
}

bool elf_loaded(const struct elf_file *elf, unsigned index, const uint8_t **bytes, size_t *size)
{
    Elf64_Phdr segment;
    uint64_t sum = 0;
    for (unsigned i = 0; segment_read(elf, i, &segment); i++) {
        if (segment.p_type != PT_LOAD)
            continue;
        *bytes = at_offset(elf, segment.p_offset, segment.p_filesz);
        *size = segment.p_filesz;
        sum += segment.p_filesz;
        if (!*bytes || sum / 2 > elf->size) /* a page at their edges may be in two of them, and no more */
            return false;
        if (index-- == 0)
            return true;
    }
    return false;
}

bool elf_contains(const struct elf_file *elf, const void *bytes, size_t length)
{
    const uint8_t *piece;
    size_t size;
    for (unsigned i = 0; elf_loaded(elf, i, &piece, &size); i++)
        if (memmem(piece, size, bytes, length))
            return true;
    return false;
}
