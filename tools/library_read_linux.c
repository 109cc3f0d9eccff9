#include "tools/library_read.h"

#include "tools/builtin_tls.h"
#include "tools/tls_library.h"
#include "tools/tls_marks.h"

#include <stdlib.h>
#include <string.h>

static void copy_needed(const struct elf_file *elf, struct library_file *file)
{
    enum { MOST = 512 };
    const char *name;
    unsigned count = 0;
    while (count < MOST && elf_needed(elf, count))
        count++;
    file->needed = calloc(count + 1, sizeof *file->needed);
    for (unsigned i = 0; file->needed && i < count && (name = elf_needed(elf, i)); i++)
        if ((file->needed[file->needed_count] = strdup(name)))
            file->needed_count++;
}

static char *copy_search_path(const struct elf_file *elf, int64_t tag)
{
    const char *path = elf_search_path(elf, tag);
    return path ? strdup(path) : NULL;
}

bool library_read(int fd, bool program, struct library_file *file)
{
    struct elf_file elf;
    if (elf_open(&elf, fd) != ELF_OK)
        return false;
    copy_needed(&elf, file);
    file->narrow = elf.narrow;
    file->rpath = copy_search_path(&elf, DT_RPATH);
    file->runpath = copy_search_path(&elf, DT_RUNPATH);
    if (!program && !tls_library_of(file->path)) {
        file->marks = tls_marks(&elf);
        file->tls = builtin_tls_of_library(&elf, file->marks);
    }
    elf_close(&elf);
    return true;
}
