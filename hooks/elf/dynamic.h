/* What a loaded object's dynamic section says, read by ourselves: dlsym can't be asked for dlsym, which is
 * interposed.
 *
 * Views of the loader's and the object's own memory: valid while the object is loaded. Source: System V ABI,
 * chapter 5; DT_GNU_HASH as glibc's loader reads it.
 */
#ifndef PINSHIM_HOOKS_ELF_DYNAMIC_H
#define PINSHIM_HOOKS_ELF_DYNAMIC_H

#include "hooks/platform.h"

#include <link.h>
#include <stddef.h>
#include <stdint.h>

/* A macro of <elf.h> for this machine's word size, as ElfW is for its types. */
#define ELFW(macro) _ElfW(ELF, __ELF_NATIVE_CLASS, macro)

/* A relocation's begin: DT_RELA's have an addend behind it, DT_REL's in the place itself. */
typedef ElfW(Rel) relocation_head;

struct dynamic {
    ElfW(Addr) base;
    const ElfW(Sym) * symbols;
    const char *strings;
    const ElfW(Half) * versions; /* NULL: its symbols have none */
    const uint32_t *gnu_hash;    /* NULL: nothing can be looked up */
    struct relocations {
        const char *start;
        size_t size, step;
    } relocations[2]; /* those of functions called, and the others */
};

struct dynamic dynamic_read(ElfW(Addr) base, const ElfW(Dyn) * section)
    __attribute__((nonnull, warn_unused_result));

/* The function that the object itself defines by this name, in its default version; NULL. */
any_function *dynamic_function(const struct dynamic *dynamic, const char *name)
    __attribute__((nonnull, warn_unused_result));

/* The function of this name that the library exports: the hook. NULL where there is none. */
any_function *dynamic_hook(const char *name) __attribute__((nonnull, warn_unused_result));

#endif
