/* What shim/system.c is made of: system calls as each system makes them at the least cost (system_linux.c,
 * system_macos.c). Results and errno are those of the C library's functions.
 */
#ifndef PINSHIM_SHIM_SYSTEM_CALL_H
#define PINSHIM_SHIM_SYSTEM_CALL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Closed in other programs; a new file gets mode 0640. */
int call_open(const char *path, int flags) __attribute__((nonnull, warn_unused_result));

/* Another descriptor for the same, from `least` up, closed in other programs. */
int call_duplicate(int fd, int least) __attribute__((warn_unused_result));

long call_write(int fd, const char *bytes, size_t length) __attribute__((nonnull, warn_unused_result));
long call_read_at(int fd, char *bytes, size_t length, uint64_t at)
    __attribute__((nonnull, warn_unused_result));
void call_yield(void);

/* How long a file this process may make (RLIMIT_FSIZE): who writes beyond that gets a SIGXFSZ. */
uint64_t call_file_limit(void) __attribute__((warn_unused_result));

uint32_t call_effective_group(void);
int call_groups(int capacity, uint32_t *groups) __attribute__((warn_unused_result));

/* Neither waits; the first one raises no SIGPIPE where the socket is system_socket's. */
void call_send_to(int fd, const struct msghdr *message) __attribute__((nonnull));
long call_receive(int fd, char *bytes, size_t size) __attribute__((nonnull, warn_unused_result));

/* Where the system's log takes datagrams (RFC 3164). */
extern const struct sockaddr_un call_log_address;

/* A descriptor the program can't take for its stdin, stdout or stderr, should it have closed one of those: of
 * `fd`, which may be -1. */
int system_above_stderr(int fd) __attribute__((warn_unused_result));

#endif
