#include "hooks/elf/machine.h"

#include <elf.h>

bool machine_binds_function(unsigned type)
{
    return type == R_X86_64_JUMP_SLOT || type == R_X86_64_GLOB_DAT || type == R_X86_64_64;
}

/* The choice gets the three arguments and the return address; it comes back in rax (where to go on) and rdx
 * (what to return where that is NULL). */
#define INTERPOSE(name, choose)                                                                              \
    __asm__(".text\n"                                                                                        \
            ".globl " name "\n"                                                                              \
            ".type " name ", @function\n" name ":\n"                                                         \
            "    .cfi_startproc\n"                                                                           \
            "    endbr64\n"                                                                                  \
            "    push %rdi\n"                                                                                \
            "    push %rsi\n"                                                                                \
            "    push %rdx\n"                                                                                \
            "    .cfi_adjust_cfa_offset 24\n"                                                                \
            "    mov 24(%rsp), %rcx\n"                                                                       \
            "    call " choose "\n"                                                                          \
            "    mov %rdx, %r11\n"                                                                           \
            "    pop %rdx\n"                                                                                 \
            "    pop %rsi\n"                                                                                 \
            "    pop %rdi\n"                                                                                 \
            "    .cfi_adjust_cfa_offset -24\n"                                                               \
            "    test %rax, %rax\n"                                                                          \
            "    jz 1f\n"                                                                                    \
            "    jmp *%rax\n"                                                                                \
            "1:  mov %r11, %rax\n"                                                                           \
            "    ret\n"                                                                                      \
            "    .cfi_endproc\n"                                                                             \
            ".size " name ", . - " name "\n")

INTERPOSE("dlopen", "symbols_choose_open");
INTERPOSE("dlsym", "symbols_choose");
INTERPOSE("dlvsym", "symbols_choose_versioned");
