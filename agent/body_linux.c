#include "agent/body.h"

#include "config/map.h"
#include "tools/report.h"

#include <fcntl.h>
#include <sys/mman.h>

int body_new(void)
{
    return memfd_create("bundle", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

bool body_seal(int body)
{
    return fcntl(body, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0;
}

/* Only a memory file can be sealed. */
bool body_is_fit(int body)
{
    const int needed = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW, seals = fcntl(body, F_GET_SEALS);
    if (seals >= 0 && (seals & needed) == needed)
        return true;
    report_error("the front has sent what is no sealed memory");
    return false;
}

const void *body_read(int body, size_t size)
{
    size_t mapped; /* the same: it is sealed */
    (void)size;
    return map_file(body, &mapped);
}

void body_free(const void *bytes, size_t size)
{
    map_free(bytes, size);
}
