/* The records of an ELF file, of either word size, in the form of the wider one.
 *
 * Source: System V ABI, chapters 4 and 5: the fields are the same, but for their width and their order.
 */
#ifndef PINSHIM_TOOLS_ELF_RECORD_H
#define PINSHIM_TOOLS_ELF_RECORD_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum elf_record { ELF_HEADER, ELF_SEGMENT, ELF_SECTION, ELF_DYNAMIC, ELF_SYMBOL };

/* Bytes of a record; `narrow`: ELFCLASS32's. */
size_t elf_record_size(enum elf_record record, bool narrow) __attribute__((const, warn_unused_result));

/* From elf_record_size bytes, unaligned. */
Elf64_Ehdr elf_record_header(const uint8_t *bytes, bool narrow) __attribute__((nonnull, warn_unused_result));
Elf64_Phdr elf_record_segment(const uint8_t *bytes, bool narrow) __attribute__((nonnull, warn_unused_result));
Elf64_Shdr elf_record_section(const uint8_t *bytes, bool narrow) __attribute__((nonnull, warn_unused_result));
Elf64_Dyn elf_record_dynamic(const uint8_t *bytes, bool narrow) __attribute__((nonnull, warn_unused_result));
Elf64_Sym elf_record_symbol(const uint8_t *bytes, bool narrow) __attribute__((nonnull, warn_unused_result));

#endif
