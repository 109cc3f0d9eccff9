#include "tools/macho_target.h"

#include "tools/macho_file.h"
#include "tools/macho_libraries.h"
#include "tools/tls_marks.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Where the folders of System Integrity Protection begin is seen in the path that no link is in. */
static const char *refuse(const struct macho_program *program, const char *path)
{
    char *resolved = realpath(path, NULL);
    const char *refusal = macho_refusal(program, resolved ? resolved : path);
    free(resolved);
    return refusal;
}

bool macho_target_look(int fd, struct target *target, const char **refusal)
{
    struct stat status;
    struct macho_program program;
    const bool looked = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
    const size_t size = looked ? (size_t)status.st_size : 0;
    void *bytes = looked ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    const bool macho = bytes != MAP_FAILED && macho_parse(bytes, size, &program) == MACHO_OK;
    if (macho) {
        target->marks = tls_marks_in(bytes, size);
        target->tls = macho_tls(bytes, size, target->marks);
        *refusal = refuse(&program, target->file);
    }
    if (bytes != MAP_FAILED)
        (void)munmap(bytes, size);
    return macho;
}
