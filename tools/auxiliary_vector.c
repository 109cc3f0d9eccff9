#include "tools/auxiliary_vector.h"

#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The start of a file of /proc/PID; the length, or -1. */
static ssize_t read_start(pid_t pid, const char *name, void *buffer, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const ssize_t length = fd < 0 ? -1 : read(fd, buffer, size);
    if (fd >= 0)
        close(fd);
    return length;
}

/* A program of 32 bits: its words are half as wide. */
static bool is_narrow(pid_t pid)
{
    unsigned char start[EI_NIDENT] = {0};
    return read_start(pid, "exe", start, sizeof start) == sizeof start && start[EI_CLASS] == ELFCLASS32;
}

uint64_t auxiliary_value(pid_t pid, uint64_t type)
{
    enum { ENTRIES = 64 };
    unsigned char bytes[ENTRIES * sizeof(Elf64_auxv_t)];
    const ssize_t length = read_start(pid, "auxv", bytes, sizeof bytes);
    const bool narrow = is_narrow(pid);
    const size_t size = narrow ? sizeof(Elf32_auxv_t) : sizeof(Elf64_auxv_t);
    for (size_t at = 0; length > 0 && at + size <= (size_t)length; at += size) {
        Elf64_auxv_t wide = {0};
        Elf32_auxv_t half;
        memcpy(&wide, bytes + at, narrow ? 0 : size);
        memcpy(&half, bytes + at, sizeof half);
        if ((narrow ? half.a_type : wide.a_type) == type)
            return narrow ? half.a_un.a_val : wide.a_un.a_val;
    }
    return 0;
}
