/* Reads an ELF file of this machine's kind, or of its 32-bit programs'. The file is untrusted, and may
 * change meanwhile: every read is checked against its end.
 *
 * Source: System V ABI, chapters 4 and 5; DT_GNU_HASH as glibc's loader reads it.
 */
#ifndef PINSHIM_TOOLS_ELF_FILE_H
#define PINSHIM_TOOLS_ELF_FILE_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf_file {
    const uint8_t *bytes; /* the whole file */
    size_t size;
    bool narrow; /* of 32 bits: on amd64, for i386 */
    Elf64_Ehdr header;
};

/* Zero means unusable. */
enum elf_status {
    ELF_MALFORMED = 0, /* an ELF file that is cut short or contradicts itself */
    ELF_FOREIGN,       /* of another architecture or byte order */
    ELF_NOT_ELF,
    ELF_OK, /* an executable or a library: headers and segments lie inside the file */
};

/* Maps the file behind `fd`, which stays the caller's. Only after ELF_OK is there something to close. */
enum elf_status elf_open(struct elf_file *elf, int fd) __attribute__((nonnull, warn_unused_result));
void elf_close(struct elf_file *elf) __attribute__((nonnull));

/* As elf_open, over the caller's memory. */
enum elf_status elf_parse(struct elf_file *elf, const void *bytes, size_t size)
    __attribute__((nonnull, warn_unused_result));

/* PT_INTERP, the loader; NULL where there is none (a static program) or it is no string. */
const char *elf_loader(const struct elf_file *elf) __attribute__((nonnull, warn_unused_result));

/* True where DT_NEEDED names a library that starts so: "libssl.so". */
bool elf_needs(const struct elf_file *elf, const char *library) __attribute__((nonnull, warn_unused_result));

/* The `index`-th library of DT_NEEDED; NULL behind the last. */
const char *elf_needed(const struct elf_file *elf, unsigned index)
    __attribute__((nonnull, warn_unused_result));

/* DT_RPATH or DT_RUNPATH: where the loader searches what the file needs; NULL: nothing is said. */
const char *elf_search_path(const struct elf_file *elf, int64_t tag)
    __attribute__((nonnull, warn_unused_result));

/* True where the dynamic symbol table defines the symbol: the loader would bind others to it. */
bool elf_defines(const struct elf_file *elf, const char *symbol) __attribute__((nonnull, warn_unused_result));

/* True where a section of this name exists; stripped of section headers, a file has none. */
bool elf_has_section(const struct elf_file *elf, const char *name)
    __attribute__((nonnull, warn_unused_result));

/* The `index`-th piece of what is loaded into memory; false behind the last. */
bool elf_loaded(const struct elf_file *elf, unsigned index, const uint8_t **bytes, size_t *size)
    __attribute__((nonnull, warn_unused_result));

/* True where the bytes occur in what is loaded into memory. */
bool elf_contains(const struct elf_file *elf, const void *bytes, size_t length)
    __attribute__((nonnull, warn_unused_result));

#endif
