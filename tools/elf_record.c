#include "tools/elf_record.h"

#include <string.h>

size_t elf_record_size(enum elf_record record, bool narrow)
{
    switch (record) {
    case ELF_HEADER:
        return narrow ? sizeof(Elf32_Ehdr) : sizeof(Elf64_Ehdr);
    case ELF_SEGMENT:
        return narrow ? sizeof(Elf32_Phdr) : sizeof(Elf64_Phdr);
    case ELF_SECTION:
        return narrow ? sizeof(Elf32_Shdr) : sizeof(Elf64_Shdr);
    case ELF_DYNAMIC:
        return narrow ? sizeof(Elf32_Dyn) : sizeof(Elf64_Dyn);
    case ELF_SYMBOL:
        break;
    }
    return narrow ? sizeof(Elf32_Sym) : sizeof(Elf64_Sym);
}

/* Defines `wide`, which is returned at once for a wide record, and else `from`. */
#define READ(kind)                                                                                           \
    Elf64_##kind wide;                                                                                       \
    Elf32_##kind from;                                                                                       \
    if (!narrow) {                                                                                           \
        memcpy(&wide, bytes, sizeof wide);                                                                   \
        return wide;                                                                                         \
    }                                                                                                        \
    memcpy(&from, bytes, sizeof from)

Elf64_Ehdr elf_record_header(const uint8_t *bytes, bool narrow)
{
    READ(Ehdr);
    wide = (Elf64_Ehdr){.e_type = from.e_type,
                        .e_machine = from.e_machine,
                        .e_version = from.e_version,
                        .e_entry = from.e_entry,
                        .e_phoff = from.e_phoff,
                        .e_shoff = from.e_shoff,
                        .e_flags = from.e_flags,
                        .e_ehsize = from.e_ehsize,
                        .e_phentsize = from.e_phentsize,
                        .e_phnum = from.e_phnum,
                        .e_shentsize = from.e_shentsize,
                        .e_shnum = from.e_shnum,
                        .e_shstrndx = from.e_shstrndx};
    memcpy(wide.e_ident, from.e_ident, sizeof wide.e_ident);
    return wide;
}

Elf64_Phdr elf_record_segment(const uint8_t *bytes, bool narrow)
{
    READ(Phdr);
    return (Elf64_Phdr){.p_type = from.p_type,
                        .p_flags = from.p_flags,
                        .p_offset = from.p_offset,
                        .p_vaddr = from.p_vaddr,
                        .p_paddr = from.p_paddr,
                        .p_filesz = from.p_filesz,
                        .p_memsz = from.p_memsz,
                        .p_align = from.p_align};
}

Elf64_Shdr elf_record_section(const uint8_t *bytes, bool narrow)
{
    READ(Shdr);
    return (Elf64_Shdr){.sh_name = from.sh_name,
                        .sh_type = from.sh_type,
                        .sh_flags = from.sh_flags,
                        .sh_addr = from.sh_addr,
                        .sh_offset = from.sh_offset,
                        .sh_size = from.sh_size,
                        .sh_link = from.sh_link,
                        .sh_info = from.sh_info,
                        .sh_addralign = from.sh_addralign,
                        .sh_entsize = from.sh_entsize};
}

Elf64_Dyn elf_record_dynamic(const uint8_t *bytes, bool narrow)
{
    READ(Dyn);
    return (Elf64_Dyn){.d_tag = from.d_tag, .d_un.d_val = from.d_un.d_val};
}

Elf64_Sym elf_record_symbol(const uint8_t *bytes, bool narrow)
{
    READ(Sym);
    return (Elf64_Sym){.st_name = from.st_name,
                       .st_info = from.st_info,
                       .st_other = from.st_other,
                       .st_shndx = from.st_shndx,
                       .st_value = from.st_value,
                       .st_size = from.st_size};
}
