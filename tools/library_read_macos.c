#include "tools/library_read.h"

#include "tools/macho_libraries.h"
#include "tools/tls_library.h"
#include "tools/tls_marks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

static bool is_known(const struct library_file *file, const char *name)
{
    for (size_t i = 0; i < file->needed_count; i++)
        if (strcmp(file->needed[i], name) == 0)
            return true;
    return false;
}

/* Folders are kept in one text, with a line for each. */
static void add_folder(struct library_file *file, const char *folder)
{
    char *longer = NULL;
    if (asprintf(&longer, "%s%s\n", file->rpath ? file->rpath : "", folder) < 0)
        return;
    free(file->rpath);
    file->rpath = longer;
}

static void note(const char *text, bool search, void *argument)
{
    struct library_file *file = argument;
    if (search) {
        add_folder(file, text);
        return;
    }
    char **longer = is_known(file, text)
                        ? NULL
                        : reallocarray(file->needed, file->needed_count + 1, sizeof *file->needed);
    if (!longer)
        return;
    file->needed = longer;
    if ((file->needed[file->needed_count] = strdup(text)))
        file->needed_count++;
}

bool library_read(int fd, bool program, struct library_file *file)
{
    struct stat status;
    if (fstat(fd, &status) != 0 || status.st_size <= 0)
        return false;
    const size_t size = (size_t)status.st_size;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return false;
    const bool read = macho_libraries(bytes, size, note, file);
    if (read && !program && !tls_library_of(file->path)) {
        file->marks = tls_marks_in(bytes, size);
        file->tls = macho_tls(bytes, size, file->marks);
    }
    (void)munmap(bytes, size);
    return read;
}
