#include "tools/trap.h"

#include <elf.h>
#include <errno.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

static bool registers_of(pid_t pid, int request, struct user_regs_struct *registers)
{
    struct iovec view = {registers, sizeof *registers};
    return ptrace(request, pid, NT_PRSTATUS, &view) == 0 && view.iov_len == sizeof *registers;
}

static bool write_code(pid_t pid, uintptr_t address, long code)
{
    return ptrace(PTRACE_POKETEXT, pid, address, code) == 0;
}

bool trap_set(pid_t pid, uintptr_t address, struct trap *trap)
{
    errno = 0;
    *trap = (struct trap){.address = address, .code = ptrace(PTRACE_PEEKTEXT, pid, address, NULL)};
    return errno == 0 && write_code(pid, address, trap_code(trap->code));
}

bool trap_clear(pid_t pid, const struct trap *trap)
{
    struct user_regs_struct registers;
    if (!registers_of(pid, PTRACE_GETREGSET, &registers) || trap_stopped_at(&registers) != trap->address)
        return false;
    trap_continue_at(&registers, trap->address);
    return write_code(pid, trap->address, trap->code) && registers_of(pid, PTRACE_SETREGSET, &registers);
}

void trap_remove(pid_t pid, const struct trap *trap)
{
    if (trap->address)
        (void)write_code(pid, trap->address, trap->code);
}

bool trap_exit(pid_t pid, const struct trap *trap, int status)
{
    struct user_regs_struct registers;
    if (!registers_of(pid, PTRACE_GETREGSET, &registers))
        return false;
    trap_prepare_exit(&registers, status);
    trap_continue_at(&registers, trap->address);
    return write_code(pid, trap->address, trap_call_code(trap->code)) &&
           registers_of(pid, PTRACE_SETREGSET, &registers);
}
