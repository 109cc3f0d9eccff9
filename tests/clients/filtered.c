/* Starts a program as a hardened service is started: without new privileges, under a filter of system calls
 * like that of systemd's SystemCallFilter=@system-service, RestrictAddressFamilies=AF_INET and
 * MemoryDenyWriteExecute=yes. What is denied fails with EPERM.
 *
 * filtered PROGRAM [ARG...]
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOAD(member)                  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define IF(value, then, otherwise)    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), (then), (otherwise))
#define IF_SET(bits, then, otherwise) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), (then), (otherwise))
#define ALLOW                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define DENY                          BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define DENY_CALL(name)               IF(SYS_##name, 0, 1), DENY

static struct sock_filter filter[] = {
    LOAD(nr),
    DENY_CALL(ptrace),
    DENY_CALL(process_vm_readv),
    DENY_CALL(process_vm_writev),
    DENY_CALL(bpf),
    DENY_CALL(perf_event_open),
    DENY_CALL(mount),
    DENY_CALL(umount2),
    DENY_CALL(unshare),
    DENY_CALL(setns),
    DENY_CALL(chroot),
    DENY_CALL(keyctl),
    DENY_CALL(userfaultfd),
    DENY_CALL(io_uring_setup),
    IF(SYS_socket, 0, 4), /* the Internet alone: no log of the system's, no desktop */
    LOAD(args[0]),
    IF(AF_INET, 0, 1),
    ALLOW,
    DENY,
    IF(SYS_mprotect, 0, 4), /* nothing becomes code */
    LOAD(args[2]),
    IF_SET(PROT_EXEC, 0, 1),
    DENY,
    ALLOW,
    ALLOW,
};

int main(int argc, char **argv)
{
    const struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    if (argc < 2)
        return 2;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0) {
        perror("filtered");
        return 3;
    }
    execv(argv[1], argv + 1);
    perror(argv[1]);
    return 3;
}
