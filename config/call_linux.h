/* Linux's system calls, for syscall(2): those whose plain name is, on a 32-bit machine, an older form with
 * narrower ids, times or another way to take arguments. One name here for the form that all machines share.
 */
#ifndef PINSHIM_CONFIG_CALL_LINUX_H
#define PINSHIM_CONFIG_CALL_LINUX_H

#include <sys/syscall.h>

#ifdef SYS_getuid32 /* i386 */
enum {
    CALL_FUTEX = SYS_futex_time64,
    CALL_GETEGID = SYS_getegid32,
    CALL_GETGROUPS = SYS_getgroups32,
    CALL_GETUID = SYS_getuid32,
    CALL_MMAP = SYS_mmap2, /* the offset in pages */
    CALL_PPOLL = SYS_ppoll_time64,
};
#else
enum {
    CALL_FUTEX = SYS_futex,
    CALL_GETEGID = SYS_getegid,
    CALL_GETGROUPS = SYS_getgroups,
    CALL_GETUID = SYS_getuid,
    CALL_MMAP = SYS_mmap,
    CALL_PPOLL = SYS_ppoll,
};
#endif

#endif
