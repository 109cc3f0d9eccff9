/* Mach-O as a file has it, as far as the loader reads and writes it. Source: <mach-o/loader.h>,
 * <mach-o/nlist.h>, <mach-o/fat.h>, whose own headers don't go with Linux's. */
#ifndef PINSHIM_TESTS_MACOS_FORMAT_H
#define PINSHIM_TESTS_MACOS_FORMAT_H

#include <stdint.h>

enum {
    FAT_MAGIC = 0xbebafeca, /* as this machine reads the big-endian word */
    MACHO_MAGIC = 0xfeedfacf,
    CPU_X86_64 = 0x01000007,
    FILE_EXECUTE = 2,
    FILE_DYLIB = 6,
    FLAG_TWO_LEVEL = 0x80,
};

enum command_kind {
    COMMAND_SYMTAB = 0x2,
    COMMAND_DYSYMTAB = 0xb,
    COMMAND_LOAD_DYLIB = 0xc,
    COMMAND_ID_DYLIB = 0xd,
    COMMAND_SEGMENT = 0x19,
    COMMAND_LOAD_WEAK_DYLIB = (int)0x80000018,
    COMMAND_DYLD_INFO = 0x22,
    COMMAND_DYLD_INFO_ONLY = (int)0x80000022,
    COMMAND_MAIN = (int)0x80000028,
    COMMAND_CHAINED_FIXUPS = (int)0x80000034,
};

enum section_type {
    SECTION_TYPE_MASK = 0xff,
    SECTION_LAZY_POINTERS = 0x7,
    SECTION_INITIALISERS = 0x9,
    SECTION_THREAD_REGULAR = 0x11,
    SECTION_THREAD_ZEROFILL = 0x12,
    SECTION_THREAD_VARIABLES = 0x13,
};

enum { SEGMENT_READ_ONLY = 0x10 }; /* once it is bound */
enum { SYMBOL_EXTERNAL = 0x1, SYMBOL_PRIVATE = 0x10, SYMBOL_TYPE = 0xe, SYMBOL_IN_SECTION = 0xe };

struct fat_header {
    uint32_t magic, count;
};

struct fat_slice {
    uint32_t cpu, subtype, offset, size, alignment;
};

struct header {
    uint32_t magic, cpu, subtype, file, commands, commands_size, flags, reserved;
};

struct command {
    uint32_t kind, size;
};

struct segment {
    struct command command;
    char name[16];
    uint64_t address, size, file_offset, file_size;
    int32_t most, protection;
    uint32_t sections, flags;
};

struct section {
    char name[16], segment[16];
    uint64_t address, size;
    uint32_t offset, alignment, relocations, relocation_count, flags, first_indirect, reserved[2];
};

struct symtab {
    struct command command;
    uint32_t symbols, count, strings, strings_size;
};

struct dysymtab {
    struct command command;
    uint32_t local, local_count, defined, defined_count, taken, taken_count; /* ranges of symbols */
    uint32_t modules[6];                                                     /* and more that is long gone */
    uint32_t indirect, indirect_count;
    uint32_t relocations[4];
};

struct symbol {
    uint32_t name;
    uint8_t type, section;
    uint16_t description;
    uint64_t value;
};

struct dylib {
    struct command command;
    uint32_t name, time, current, compatible;
};

struct dyld_info {
    struct command command;
    uint32_t rebase, rebase_size, bind, bind_size, weak, weak_size, lazy, lazy_size, export, export_size;
};

struct linkedit_data {
    struct command command;
    uint32_t offset, size;
};

struct entry_point {
    struct command command;
    uint64_t offset, stack;
};

#endif
