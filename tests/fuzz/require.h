/* What a fuzz target says of what it reads: false is a finding. And the entries that the fuzzer calls. */
#ifndef PINSHIM_TESTS_FUZZ_REQUIRE_H
#define PINSHIM_TESTS_FUZZ_REQUIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void require(bool condition)
{
    if (!condition)
        abort();
}

/* A copy with a NUL behind it, and nothing behind that: reading on is an error. The caller frees it. */
static inline char *exact_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

#endif
