#include "tools/trap.h"

#include <sys/syscall.h>
#include <sys/user.h>

enum { INT3 = 0xcc, INT_80 = 0x80cd };

long trap_code(long code)
{
    return (code & ~0xffL) | INT3;
}

long trap_call_code(long code)
{
    return (code & ~0xffffL) | INT_80;
}

uintptr_t trap_stopped_at(const struct user_regs_struct *registers)
{
    return (uintptr_t)registers->eip - 1; /* behind it */
}

void trap_continue_at(struct user_regs_struct *registers, uintptr_t address)
{
    registers->eip = (long)address;
}

void trap_prepare_exit(struct user_regs_struct *registers, int status)
{
    registers->eax = SYS_exit_group;
    registers->ebx = status;
}
