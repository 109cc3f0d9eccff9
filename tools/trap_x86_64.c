#include "tools/trap.h"

#include <sys/syscall.h>
#include <sys/user.h>

enum { INT3 = 0xcc, SYSCALL = 0x050f };

long trap_code(long code)
{
    return (code & ~0xffL) | INT3;
}

long trap_call_code(long code)
{
    return (code & ~0xffffL) | SYSCALL;
}

uintptr_t trap_stopped_at(const struct user_regs_struct *registers)
{
    return registers->rip - 1; /* behind it */
}

void trap_continue_at(struct user_regs_struct *registers, uintptr_t address)
{
    registers->rip = address;
}

void trap_prepare_exit(struct user_regs_struct *registers, int status)
{
    registers->rax = SYS_exit_group;
    registers->rdi = (unsigned)status;
}
