/* What the compiler says about a policy, for tests of that. */
#ifndef PINSHIM_TESTS_UNIT_TOLD_H
#define PINSHIM_TESTS_UNIT_TOLD_H

#include "config/compile.h"

#include <check.h>
#include <stdio.h>

/* Line by line; the caller's to free. */
static inline char *told(const char *path, enum policy_use use, int image_fd, size_t *errors)
{
    struct diagnostics diagnostics = {0};
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    const bool compiled = policy_compile(
        &(struct compilation){.path = path, .use = use, .image_fd = image_fd, .files_fd = -1}, &diagnostics);
    diagnostics_print(&diagnostics, stream);
    ck_assert_int_eq(fclose(stream), 0);
    ck_assert_int_eq(compiled, diagnostics.errors == 0);
    *errors = diagnostics.errors;
    diagnostics_free(&diagnostics);
    return text;
}

#endif
