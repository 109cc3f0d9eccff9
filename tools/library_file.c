#include "tools/library_file.h"

#include "tools/builtin_tls.h"
#include "tools/cut_file.h"
#include "tools/tls_library.h"
#include "tools/tls_marks.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uthash.h>

struct known {
    UT_hash_handle hh;
    bool usable;
    struct library_file file;
};

static struct known *all;

struct look {
    int fd;
    bool program;
    struct known *known;
};

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

static void look_into(void *argument)
{
    const struct look *look = argument;
    struct library_file *file = &look->known->file;
    struct elf_file elf;
    if (elf_open(&elf, look->fd) != ELF_OK)
        return;
    copy_needed(&elf, file);
    file->narrow = elf.narrow;
    file->rpath = copy_search_path(&elf, DT_RPATH);
    file->runpath = copy_search_path(&elf, DT_RUNPATH);
    if (!look->program && !tls_library_of(file->path)) {
        file->marks = tls_marks(&elf);
        file->tls = builtin_tls_of_library(&elf, file->marks);
    }
    look->known->usable = true;
    elf_close(&elf);
}

static bool is_regular(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

static void load(struct known *known, bool program)
{
    struct look look = {open(known->file.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), program, known};
    if (look.fd >= 0 && is_regular(look.fd) && !cut_file_guard(look_into, &look))
        known->usable = false;
    if (look.fd >= 0)
        close(look.fd);
}

static const struct library_file *look_up(const char *path, bool program)
{
    struct known *known;
    HASH_FIND(hh, all, path, strlen(path), known);
    if (!known) {
        known = calloc(1, sizeof *known);
        char *copy = known ? strdup(path) : NULL;
        if (!copy) {
            free(known);
            return NULL;
        }
        known->file.path = copy;
        HASH_ADD_KEYPTR(hh, all, known->file.path, strlen(path), known);
        load(known, program);
    }
    return known->usable ? &known->file : NULL;
}

const struct library_file *library_file_open(const char *path)
{
    return look_up(path, false);
}

const struct library_file *library_file_open_program(const char *path)
{
    return look_up(path, true);
}
