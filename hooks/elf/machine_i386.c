#include "hooks/elf/machine.h"

#include <elf.h>

bool machine_binds_function(unsigned type)
{
    return type == R_386_JMP_SLOT || type == R_386_GLOB_DAT || type == R_386_32;
}

/* All arguments are on the stack, above the return address. The choice comes back in memory, whose address is
 * its first argument, and which it takes from the stack: eax (where to go on) and edx (what to return where
 * that is NULL) are read from there. 28 bytes keep the stack on the 16 that it has at each call. */
#define INTERPOSE(name, choose)                                                                              \
    __asm__(".text\n"                                                                                        \
            ".globl " name "\n"                                                                              \
            ".type " name ", @function\n" name ":\n"                                                         \
            "    .cfi_startproc\n"                                                                           \
            "    endbr32\n"                                                                                  \
            "    sub $28, %esp\n"                                                                            \
            "    .cfi_adjust_cfa_offset 28\n"                                                                \
            "    lea 20(%esp), %eax\n"                                                                       \
            "    mov %eax, (%esp)\n"                                                                         \
            "    mov 32(%esp), %eax\n"                                                                       \
            "    mov %eax, 4(%esp)\n"                                                                        \
            "    mov 36(%esp), %eax\n"                                                                       \
            "    mov %eax, 8(%esp)\n"                                                                        \
            "    mov 40(%esp), %eax\n"                                                                       \
            "    mov %eax, 12(%esp)\n"                                                                       \
            "    mov 28(%esp), %eax\n"                                                                       \
            "    mov %eax, 16(%esp)\n"                                                                       \
            "    call " choose "\n"                                                                          \
            "    .cfi_adjust_cfa_offset -4\n"                                                                \
            "    mov 16(%esp), %eax\n"                                                                       \
            "    mov 20(%esp), %edx\n"                                                                       \
            "    add $24, %esp\n"                                                                            \
            "    .cfi_adjust_cfa_offset -24\n"                                                               \
            "    test %eax, %eax\n"                                                                          \
            "    jz 1f\n"                                                                                    \
            "    jmp *%eax\n"                                                                                \
            "1:  mov %edx, %eax\n"                                                                           \
            "    ret\n"                                                                                      \
            "    .cfi_endproc\n"                                                                             \
            ".size " name ", . - " name "\n")

INTERPOSE("dlopen", "symbols_choose_open");
INTERPOSE("dlsym", "symbols_choose");
INTERPOSE("dlvsym", "symbols_choose_versioned");
