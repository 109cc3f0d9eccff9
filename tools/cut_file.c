#include "tools/cut_file.h"

#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

static sigjmp_buf before; /* of the innermost look */

static void leave(int number)
{
    siglongjmp(before, number);
}

bool cut_file_guard(void (*look)(void *argument), void *argument)
{
    struct sigaction action = {.sa_handler = leave}, saved;
    sigjmp_buf outer;
    memcpy(&outer, &before, sizeof outer);
    (void)sigaction(SIGBUS, &action, &saved);
    const bool whole = sigsetjmp(before, 1) == 0;
    if (whole)
        look(argument);
    (void)sigaction(SIGBUS, &saved, NULL);
    memcpy(&before, &outer, sizeof before);
    return whole;
}
