/* Preloaded into a client: makes a call fail as if the machine had no more of something.
 *
 * The environment says which (read once, when the first call comes):
 *   FAULT_KIND   memory: malloc and its like; syscall: system calls by syscall(2); dlopen; atfork
 *   FAULT_WHOSE  shim: only calls from the code of libpinshim.so; process: everybody's
 *   FAULT_AT     the number of the call that fails, from 1; 0 or absent: none yet (fault_arm)
 *   FAULT_ERRNO  what it fails with
 *   FAULT_STICKS all after it fail, too
 *   FAULT_MEETING nothing counts before the library meets the TLS library (by dlopen)
 *   FAULT_LOG    a file that gets a line about the first that failed
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum kind { NOTHING, MEMORY, SYSCALL, DLOPEN, ATFORK };

static struct {
    _Atomic bool known;
    enum kind kind;
    bool shim_only, sticks, waiting;
    _Atomic unsigned at, count;
    int error;
    const char *log;
} plan;

/* The C library's own, or the sanitizer's before it. */
#define DECLARE(type, name, ...)                                                                             \
    type __libc_##name(__VA_ARGS__);                                                                         \
    type __interceptor_##name(__VA_ARGS__) __attribute__((weak));
DECLARE(void *, malloc, size_t)
DECLARE(void *, calloc, size_t, size_t)
DECLARE(void *, realloc, void *, size_t)
#define REAL(name, ...)                                                                                      \
    (__interceptor_##name ? __interceptor_##name(__VA_ARGS__) : __libc_##name(__VA_ARGS__))

static long raw(long number, const long a[6])
{
    register long r10 __asm__("r10") = a[3], r8 __asm__("r8") = a[4], r9 __asm__("r9") = a[5];
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
}

static void learn(void)
{
    static const char *const kinds[] = {"nothing", "memory", "syscall", "dlopen", "atfork"};
    const char *kind = getenv("FAULT_KIND"), *whose = getenv("FAULT_WHOSE"), *at = getenv("FAULT_AT");
    const char *error = getenv("FAULT_ERRNO");
    for (int i = 0; kind && i < (int)(sizeof kinds / sizeof kinds[0]); i++)
        if (strcmp(kinds[i], kind) == 0)
            plan.kind = (enum kind)i;
    plan.shim_only = !whose || strcmp(whose, "process") != 0;
    plan.at = at ? (unsigned)atoi(at) : 0;
    plan.error = error ? atoi(error) : ENOMEM;
    plan.sticks = getenv("FAULT_STICKS") != NULL;
    plan.waiting = getenv("FAULT_MEETING") != NULL;
    plan.log = getenv("FAULT_LOG");
    plan.known = true;
}

/* By system calls alone: what is being told of may be any of the others. */
static void tell(const char *function, const void *caller)
{
    struct dl_find_object found;
    char line[512];
    const char *name = "?";
    const char *start = NULL;
    if (_dl_find_object((void *)caller, &found) == 0) {
        name = found.dlfo_link_map->l_name[0] ? found.dlfo_link_map->l_name : "program";
        start = (const char *)found.dlfo_map_start;
    }
    const int length = snprintf(line, sizeof line, "%s %s %zx\n", function, name,
                                start ? (size_t)((const char *)caller - start) : 0);
    const long fd = raw(SYS_openat, (long[6]){AT_FDCWD, (long)plan.log, O_WRONLY | O_CREAT | O_APPEND, 0600});
    if (fd >= 0) {
        (void)raw(SYS_write, (long[6]){fd, (long)line, length});
        (void)raw(SYS_close, (long[6]){fd});
    }
}

static bool is_shim(const void *caller)
{
    static const char file[] = "/libpinshim.so";
    struct dl_find_object found;
    if (_dl_find_object((void *)caller, &found) != 0)
        return false;
    const char *name = found.dlfo_link_map->l_name;
    const size_t length = strlen(name);
    return length >= sizeof file - 1 && strcmp(name + length - (sizeof file - 1), file) == 0;
}

static bool fails(enum kind kind, const char *function, const void *caller)
{
    static _Thread_local bool inside __attribute__((tls_model("initial-exec")));
    if (inside || !environ) /* a sanitizer starts before the C library */
        return false;
    inside = true;
    if (!plan.known)
        learn();
    bool fail = false;
    if (kind == plan.kind && plan.at != 0 && !plan.waiting && (!plan.shim_only || is_shim(caller))) {
        const unsigned number = ++plan.count;
        fail = number == plan.at || (plan.sticks && number > plan.at);
        if (number == plan.at && plan.log)
            tell(function, caller);
    }
    inside = false;
    if (fail)
        errno = plan.error;
    return fail;
}

/* From here on, call number `at` fails; 0: none. */
void fault_arm(unsigned at);
void fault_arm(unsigned at)
{
    plan.count = 0;
    plan.at = at;
}

/* Has it? */
bool fault_came(void);
bool fault_came(void)
{
    return plan.at != 0 && plan.count >= plan.at;
}

void *malloc(size_t size)
{
    return fails(MEMORY, "malloc", __builtin_return_address(0)) ? NULL : REAL(malloc, size);
}

void *calloc(size_t count, size_t size)
{
    return fails(MEMORY, "calloc", __builtin_return_address(0)) ? NULL : REAL(calloc, count, size);
}

void *realloc(void *old, size_t size)
{
    return fails(MEMORY, "realloc", __builtin_return_address(0)) ? NULL : REAL(realloc, old, size);
}

static const char *syscall_name(long number)
{
    static char text[32];
    snprintf(text, sizeof text, "syscall-%ld", number);
    return text;
}

/* Those that can't fail aren't counted; of a failed close(2), the descriptor is gone all the same. */
static bool can_fail(long number)
{
    return number != SYS_getpid && number != SYS_getuid && number != SYS_getegid;
}

long syscall(long number, ...)
{
    long a[6];
    va_list arguments;
    va_start(arguments, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(arguments, long);
    va_end(arguments);
    const bool fail = can_fail(number) && fails(SYSCALL, syscall_name(number), __builtin_return_address(0));
    if (fail && number != SYS_close)
        return -1;
    const long result = raw(number, a);
    if (result < 0 && result > -4096)
        errno = (int)-result;
    return fail || (result < 0 && result > -4096) ? -1 : result;
}

void *dlopen(const char *file, int flags)
{
    if (is_shim(__builtin_return_address(0)))
        plan.waiting = false;
    if (fails(DLOPEN, "dlopen", __builtin_return_address(0)))
        return NULL;
    void *(*next)(const char *, int) = (void *(*)(const char *, int))dlsym(RTLD_NEXT, "dlopen");
    return next(file, flags);
}

int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *dso);
int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *dso)
{
    if (fails(ATFORK, "pthread_atfork", __builtin_return_address(0)))
        return ENOMEM;
    int (*next)(void (*)(void), void (*)(void), void (*)(void), void *) =
        (int (*)(void (*)(void), void (*)(void), void (*)(void), void *))dlsym(RTLD_NEXT,
                                                                               "__register_atfork");
    return next(prepare, parent, child, dso);
}
