#include "hooks/elf/dynamic.h"

#include "shim/text.h"

/* glibc has relocated what it uses of the section in place; what it hasn't lies below the object. */
static const void *pointer(ElfW(Addr) base, ElfW(Addr) value)
{
    return (const void *)(value < base ? base + value : value); /* NOLINT(performance-no-int-to-ptr) */
}

static size_t size_of_relocation(ElfW(Addr) tag)
{
    return tag == DT_REL ? sizeof(ElfW(Rel)) : sizeof(ElfW(Rela));
}

/* Those of the calls through the PLT first, then the others. */
static void read_relocations(struct dynamic *dynamic, const ElfW(Dyn) * entry, const void *address)
{
    switch (entry->d_tag) {
    case DT_JMPREL:
        dynamic->relocations[0].start = address;
        break;
    case DT_PLTRELSZ:
        dynamic->relocations[0].size = entry->d_un.d_val;
        break;
    case DT_PLTREL:
        dynamic->relocations[0].step = size_of_relocation(entry->d_un.d_val);
        break;
    case DT_RELA:
    case DT_REL:
        dynamic->relocations[1].start = address;
        dynamic->relocations[1].step = size_of_relocation((ElfW(Addr))entry->d_tag);
        break;
    case DT_RELASZ:
    case DT_RELSZ:
        dynamic->relocations[1].size = entry->d_un.d_val;
        break;
    default:
        break;
    }
}

struct dynamic dynamic_read(ElfW(Addr) base, const ElfW(Dyn) * section)
{
    struct dynamic dynamic = {.base = base};
    for (const ElfW(Dyn) *entry = section; entry->d_tag != DT_NULL; entry++) {
        const void *address = pointer(base, entry->d_un.d_ptr);
        switch (entry->d_tag) {
        case DT_SYMTAB:
            dynamic.symbols = address;
            break;
        case DT_STRTAB:
            dynamic.strings = address;
            break;
        case DT_VERSYM:
            dynamic.versions = address;
            break;
        case DT_GNU_HASH:
            dynamic.gnu_hash = address;
            break;
        default:
            read_relocations(&dynamic, entry, address);
        }
    }
    return dynamic;
}

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 5381;
    for (const unsigned char *c = (const unsigned char *)name; *c; c++)
        hash = hash * 33 + *c;
    return hash;
}

/* True where number `i` of the symbols is this function, in the version that is meant where none is asked
 * for.
 */
static bool is_function(const struct dynamic *dynamic, uint32_t i, const char *name)
{
    enum { HIDDEN = 0x8000 }; /* an older version, for programs that were linked to it */
    const ElfW(Sym) *symbol = &dynamic->symbols[i];
    return symbol->st_shndx != SHN_UNDEF && ELFW(ST_TYPE)(symbol->st_info) == STT_FUNC &&
           !(dynamic->versions && dynamic->versions[i] & HIDDEN) &&
           text_equal(dynamic->strings + symbol->st_name, name);
}

any_function *dynamic_function(const struct dynamic *dynamic, const char *name)
{
    if (!dynamic->gnu_hash || !dynamic->symbols || !dynamic->strings)
        return NULL;
    const uint32_t bucket_count = dynamic->gnu_hash[0], first = dynamic->gnu_hash[1];
    const ElfW(Addr) *bloom = (const ElfW(Addr) *)(dynamic->gnu_hash + 4);
    const uint32_t *buckets = (const uint32_t *)(bloom + dynamic->gnu_hash[2]);
    const uint32_t *chain = buckets + bucket_count, hash = hash_of(name);
    uint32_t i = bucket_count ? buckets[hash % bucket_count] : 0;
    if (i < first)
        return NULL;
    do {
        if ((chain[i - first] | 1) == (hash | 1) && is_function(dynamic, i, name)) {
            const ElfW(Addr) address = dynamic->base + dynamic->symbols[i].st_value;
            return (any_function *)address; /* NOLINT(performance-no-int-to-ptr) */
        }
    } while (!(chain[i++ - first] & 1));
    return NULL;
}

any_function *dynamic_hook(const char *name)
{
    extern const char __ehdr_start[] __attribute__((visibility("hidden")));
    const struct dynamic own = dynamic_read((ElfW(Addr))__ehdr_start, _DYNAMIC);
    return dynamic_function(&own, name);
}
