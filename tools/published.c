#include "tools/published.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

/* At each multiple of its alignment: the copy starts at a page. */
static bool find(const uint8_t *bytes, size_t size, struct process_status *status)
{
    for (size_t at = 0; at < size; at += PROCESS_STATUS_ALIGNMENT) {
        const size_t left = size - at;
        if (left < sizeof status->magic ||
            memcmp(bytes + at, PROCESS_STATUS_MAGIC, sizeof status->magic) != 0)
            continue;
        *status = (struct process_status){0};
        memcpy(status, bytes + at, left < sizeof *status ? left : sizeof *status);
        return true;
    }
    return false;
}

static void take_verdict(const struct process_status *status, struct published *published)
{
    published->judged = true;
    for (int i = 0; i < OUTCOMES; i++)
        published->outcomes[i] = status->outcomes[i];
    published->time = status->time;
    published->verdict = status->verdict;
    published->outcome = status->outcome;
    memcpy(published->host, status->host, sizeof published->host);
    published->host[sizeof published->host - 1] = '\0';
}

bool published_parse(const void *bytes, size_t size, uint32_t own_pid, struct published *published)
{
    struct process_status status;
    *published = (struct published){.publication = PUBLICATION_MISSING};
    if (!find(bytes, size, &status))
        return true;
    memcpy(published->library_version, status.library_version, sizeof published->library_version);
    published->library_version[sizeof published->library_version - 1] = '\0';
    published->publication = PUBLICATION_FOREIGN;
    if (status.layout != PROCESS_STATUS_LAYOUT || status.size != sizeof status ||
        status.policy_state > POLICY_STATE_UNREADABLE)
        return true;
    published->publication = PUBLICATION_READ;
    published->policy = (enum policy_state)status.policy_state;
    published->policy_version = status.policy_version;
    if (status.sequence & 1)
        return status.pid != own_pid; /* what a parent left unfinished is nothing of this process */
    if (status.pid == own_pid)
        take_verdict(&status, published);
    return true;
}

/* As much as there is; 0, and errno. */
static size_t copy(pid_t pid, uint64_t start, void *buffer, size_t size)
{
    const struct iovec local = {buffer, size};
    const struct iovec remote = {(void *)(uintptr_t)start, size}; // NOLINT(performance-no-int-to-ptr)
    const ssize_t length = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    return length < 0 ? 0 : (size_t)length;
}

/* Two copies that are the same weren't torn. */
static bool read_steadily(pid_t pid, uint64_t start, uint8_t *buffer, size_t size, uint32_t own_pid,
                          struct published *published)
{
    const size_t first = copy(pid, start, buffer, size), second = copy(pid, start, buffer + size, size);
    if (first == 0 || second == 0) {
        *published = (struct published){0};
        return true;
    }
    return published_parse(buffer, first, own_pid, published) && first == second &&
           memcmp(buffer, buffer + size, first) == 0;
}

void published_read(pid_t pid, uint32_t own_pid, uint64_t start, uint64_t end, struct published *published)
{
    enum { LARGEST = 1 << 18 /* of the library's data: a sanitized build has more than others */, TRIES = 8 };
    const size_t size = end - start < LARGEST ? (size_t)(end - start) : LARGEST;
    uint8_t *buffer = malloc(2 * size);
    *published = (struct published){0};
    for (int i = 0; buffer && i < TRIES; i++)
        if (read_steadily(pid, start, buffer, size, own_pid, published))
            break;
    free(buffer);
}
