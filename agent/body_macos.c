#include "agent/body.h"

#include "shim/system.h"
#include "tools/report.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int body_new(void)
{
    return system_memory_file();
}

bool body_seal(int body)
{
    return body >= 0; /* there are no seals: body_read copies */
}

/* No pipe, socket or device. A copy is judged, whatever becomes of the file. */
bool body_is_fit(int body)
{
    struct stat status;
    if (fstat(body, &status) == 0 && S_ISREG(status.st_mode))
        return true;
    report_error("the front has sent what is no file");
    return false;
}

const void *body_read(int body, size_t size)
{
    char *bytes = malloc(size);
    size_t done = 0;
    while (bytes && done < size) {
        const ssize_t got = pread(body, bytes + done, size - done, (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got ? errno : ENODATA; /* it was cut */
            free(bytes);
            return NULL;
        }
        done += (size_t)got;
    }
    return bytes;
}

void body_free(const void *bytes, size_t size)
{
    (void)size;
    free((void *)bytes);
}
