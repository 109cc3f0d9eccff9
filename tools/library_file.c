#include "tools/library_file.h"

#include "tools/cut_file.h"
#include "tools/library_read.h"

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

static void look_into(void *argument)
{
    const struct look *look = argument;
    look->known->usable = library_read(look->fd, look->program, &look->known->file);
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
