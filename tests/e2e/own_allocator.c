/* Linked into a program: OpenSSL allocates by functions of the program's own. The two heaps aren't to be
 * mixed: a block of the other ends the program here, and one of ours is nothing that free() could take. */
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>

struct block {
    struct block *self; /* which no block of the other heap has before it */
    size_t size;        /* keeps what follows aligned */
};

static void die(const char *what)
{
    fprintf(stderr, "own allocator: %s\n", what);
    abort();
}

static struct block *block_of(void *bytes)
{
    struct block *block = (struct block *)bytes - 1;
    if (block->self != block)
        die("a block of another heap");
    return block;
}

static void *own_realloc(void *bytes, size_t size, const char *file, int line)
{
    struct block *block = bytes ? block_of(bytes) : NULL;
    (void)file, (void)line;
    if (block)
        block->self = NULL;
    block = realloc(block, sizeof *block + size);
    if (!block)
        die("no memory");
    *block = (struct block){block, size};
    return block + 1;
}

static void *own_malloc(size_t size, const char *file, int line)
{
    return own_realloc(NULL, size, file, line);
}

static void own_free(void *bytes, const char *file, int line)
{
    (void)file, (void)line;
    if (!bytes)
        return;
    struct block *block = block_of(bytes);
    block->self = NULL;
    free(block);
}

__attribute__((constructor)) static void choose_allocator(void)
{
    if (CRYPTO_set_mem_functions(own_malloc, own_realloc, own_free) != 1)
        die("OpenSSL has allocated already");
}
