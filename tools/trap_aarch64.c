#include "tools/trap.h"

#include <sys/syscall.h>
#include <sys/user.h>

#define BRK 0xd4200000L
#define SVC 0xd4000001L

static const long code_mask = 0xffffffffL; /* of one instruction */

long trap_code(long code)
{
    return (code & ~code_mask) | BRK;
}

long trap_call_code(long code)
{
    return (code & ~code_mask) | SVC;
}

uintptr_t trap_stopped_at(const struct user_regs_struct *registers)
{
    return registers->pc;
}

void trap_continue_at(struct user_regs_struct *registers, uintptr_t address)
{
    registers->pc = address;
}

void trap_prepare_exit(struct user_regs_struct *registers, int status)
{
    registers->regs[8] = SYS_exit_group;
    registers->regs[0] = (unsigned)status;
}
