#include "hooks/elf/machine.h"

#include <elf.h>

bool machine_binds_function(unsigned type)
{
    return type == R_AARCH64_JUMP_SLOT || type == R_AARCH64_GLOB_DAT || type == R_AARCH64_ABS64;
}

/* The choice gets the three arguments and the return address; it comes back in x0 (where to go on) and x1
 * (what to return where that is NULL). */
#define INTERPOSE(name, choose)                                                                              \
    __asm__(".text\n"                                                                                        \
            ".globl " name "\n"                                                                              \
            ".type " name ", %function\n" name ":\n"                                                         \
            "    .cfi_startproc\n"                                                                           \
            "    hint 34\n" /* bti c */                                                                      \
            "    stp x29, x30, [sp, -48]!\n"                                                                 \
            "    .cfi_def_cfa_offset 48\n"                                                                   \
            "    .cfi_offset 29, -48\n"                                                                      \
            "    .cfi_offset 30, -40\n"                                                                      \
            "    mov x29, sp\n"                                                                              \
            "    stp x0, x1, [sp, 16]\n"                                                                     \
            "    str x2, [sp, 32]\n"                                                                         \
            "    mov x3, x30\n"                                                                              \
            "    bl " choose "\n"                                                                            \
            "    mov x16, x0\n"                                                                              \
            "    mov x17, x1\n"                                                                              \
            "    ldp x0, x1, [sp, 16]\n"                                                                     \
            "    ldr x2, [sp, 32]\n"                                                                         \
            "    ldp x29, x30, [sp], 48\n"                                                                   \
            "    .cfi_restore 29\n"                                                                          \
            "    .cfi_restore 30\n"                                                                          \
            "    .cfi_def_cfa_offset 0\n"                                                                    \
            "    cbz x16, 1f\n"                                                                              \
            "    br x16\n"                                                                                   \
            "1:  mov x0, x17\n"                                                                              \
            "    ret\n"                                                                                      \
            "    .cfi_endproc\n"                                                                             \
            ".size " name ", . - " name "\n")

INTERPOSE("dlopen", "symbols_choose_open");
INTERPOSE("dlsym", "symbols_choose");
INTERPOSE("dlvsym", "symbols_choose_versioned");
