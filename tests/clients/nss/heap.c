#include "tests/clients/nss/nss.h"

#include <malloc.h>

size_t heap_in_use(void)
{
    return mallinfo2().uordblks;
}
