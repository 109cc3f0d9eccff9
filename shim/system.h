/* What the shim asks of the operating system to tell of an event, with the least that a foreign process can
 * notice: no libc state (syslog, time zone, stdio), no signal, no descriptor that outlives the call or stands
 * in for 0, 1, 2.
 *
 * Each function is async-signal-safe and keeps nothing; errno may change.
 */
#ifndef PINSHIM_SHIM_SYSTEM_H
#define PINSHIM_SHIM_SYSTEM_H

#include "shim/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Opens for reading, without waiting (a FIFO must not stop the program); a descriptor, or -1 with errno. */
int system_open(const char *path) __attribute__((nonnull, warn_unused_result));

/* An empty file in memory; a descriptor, or -1. */
int system_memory_file(void) __attribute__((warn_unused_result));
void system_close(int fd);

/* The whole path of an open file, by which no link leads; false where it can't be told. */
bool system_path(int fd, char *path, size_t size) __attribute__((nonnull, warn_unused_result));

/* A variable of the environment; NULL where there is none, and in a set-uid process. */
const char *system_variable(const char *name) __attribute__((nonnull, warn_unused_result));

/* The process's effective and supplementary groups: up to `capacity` of them; returns how many there are, 0
 * where they can't be had. */
size_t system_groups(uint32_t *groups, size_t capacity) __attribute__((warn_unused_result));

/* May one of these groups stand for others, whose numbers this process can't know? */
bool system_hides_groups(const uint32_t *groups, size_t count) __attribute__((nonnull, warn_unused_result));

enum system_priority { SYSTEM_WARNING = 4, SYSTEM_INFO = 6 }; /* RFC 5424, table 2 */

/* 64 random bits; 0 where the kernel has none to give. */
uint64_t system_random(void);

int64_t system_time(void); /* seconds since 1970 */

/* Seconds on a clock that nobody sets; a system's cheapest. */
int64_t system_uptime(void);
uint64_t system_pid(void);
uint64_t system_uid(void);

/* The program's name without its folder, as it was started ("python3"); "?" where it can't be had. */
void system_program(char *name, size_t size) __attribute__((nonnull));

/* Appends a line to a file, which is created where it is missing (mode 0640). One write: lines of several
 * processes don't mix. What can't be written, or only by a signal (RLIMIT_FSIZE), is lost, and a line that is
 * torn by that spoils no other. */
void system_append(const char *path, const char *line, size_t length) __attribute__((nonnull));

/* A Unix socket of this type that never waits; a descriptor, or -1. */
int system_socket(int type) __attribute__((warn_unused_result));

/* Sends a line to the system's log. */
void system_log(enum system_priority priority, const char *line, size_t length) __attribute__((nonnull));

bool system_stderr_is_terminal(void);
void system_stderr(const char *text, size_t length) __attribute__((nonnull));

/* Whom a socket is connected to over IP; false where it isn't. */
bool system_peer(int fd, struct address *address, unsigned *port)
    __attribute__((nonnull, warn_unused_result));

/* Reads what a socket has got, and throws it away; without waiting, and not without end. */
void system_discard(int fd);

/* The one address that all the process's sockets with a peer over IP are connected to; *port is 0 where they
 * are connected to several ports of it. False where there is none, or more than one. Looks at the descriptors
 * from 0 up, as far as they are dense. */
bool system_only_peer(struct address *address, unsigned *port) __attribute__((nonnull, warn_unused_result));

#endif
