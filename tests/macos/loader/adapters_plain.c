/* What libSystem and glibc have alike. A FILE is glibc's own: programs pass it on. */
#include "tests/macos/loader/image.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static int *error_place(void)
{
    return &errno;
}

static void set_zero(void *bytes, size_t size)
{
    memset(bytes, 0, size);
}

static void *copy_checked(void *to, const void *from, size_t size, size_t room)
{
    if (size > room)
        fail("a copy overflows its buffer");
    return memcpy(to, from, size);
}

static void stack_smashed(void)
{
    fail("a stack was overwritten");
}

static uintptr_t stack_guard = 0x00f7a9c2b15e6d43;

const struct adapter adapters_plain[] = {
#define ADAPTER(name, function)                                                                              \
    {                                                                                                        \
        name, __extension__(void *) function                                                                 \
    }
#define SAME(name)                                                                                           \
    {                                                                                                        \
#name, __extension__(void *) name                                                                    \
    }
    ADAPTER("__error", error_place),
    ADAPTER("__bzero", set_zero),
    ADAPTER("bzero", set_zero),
    ADAPTER("__memcpy_chk", copy_checked),
    ADAPTER("__stack_chk_fail", stack_smashed),
    ADAPTER("__stack_chk_guard", &stack_guard),
    ADAPTER("__stdinp", &stdin),
    ADAPTER("__stdoutp", &stdout),
    ADAPTER("__stderrp", &stderr),
    ADAPTER("optarg", &optarg),
    ADAPTER("optind", &optind),
    SAME(_exit),
    SAME(abort),
    SAME(alarm),
    SAME(arc4random_buf),
    SAME(atoi),
    SAME(calloc),
    SAME(close),
    SAME(exit),
    SAME(dup),
    SAME(fclose),
    SAME(fflush),
    SAME(fileno),
    SAME(fopen),
    SAME(fork),
    SAME(fprintf),
    SAME(fread),
    SAME(free),
    SAME(fwrite),
    SAME(getegid),
    SAME(getenv),
    SAME(getgroups),
    SAME(getopt_long),
    SAME(getpid),
    SAME(getrlimit),
    SAME(getuid),
    SAME(isatty),
    SAME(lseek),
    SAME(malloc),
    SAME(memcmp),
    SAME(memcpy),
    SAME(memset),
    SAME(poll),
    SAME(pread),
    SAME(printf),
    SAME(puts),
    SAME(read),
    SAME(sched_yield),
    SAME(signal),
    SAME(snprintf),
    SAME(strcmp),
    SAME(strcspn),
    SAME(strerror),
    SAME(strlen),
    SAME(strncmp),
    SAME(strrchr),
    SAME(strstr),
    SAME(strtok),
    SAME(strtok_r),
    SAME(strtoul),
    SAME(tmpfile),
    SAME(unlink),
    SAME(waitpid),
    SAME(write),
    {"", NULL},
};
