/* Where the elements of a file's own list `domains = ( ... )` stand in its text: found token by token while
 * the text is scanned, so that libconfig need not hold a million of them at once. */
#ifndef PINSHIM_CONFIG_DOMAIN_LIST_H
#define PINSHIM_CONFIG_DOMAIN_LIST_H

#include <stdbool.h>
#include <stddef.h>

enum { DOMAIN_BATCH = 1024 /* elements */ };

/* A sign, word or string of the text, not a comment. */
struct token {
    const char *start;
    size_t length;
    unsigned line;  /* on which it ends */
    unsigned depth; /* how many brackets are open before it */
};

/* Up to DOMAIN_BATCH elements, with the commas between them and without those around them. */
struct domain_batch {
    const char *start; /* in the text */
    size_t length;
    unsigned line;  /* of its start */
    unsigned first; /* the index in the list of its first element */
};

/* Zero-initialised is empty. */
struct domain_list {
    struct domain_batch *batches; /* together all that is between the list's brackets; owned */
    size_t count, capacity;
    enum domain_list_state {
        DOMAIN_LIST_NONE,
        DOMAIN_LIST_NAME,
        DOMAIN_LIST_SIGN,
        DOMAIN_LIST_INSIDE,
        DOMAIN_LIST_WHOLE, /* only then are the batches to be used */
    } state;
    unsigned elements; /* so far */
};

/* Takes the text's next token. False where memory is out. */
bool domain_list_see(struct domain_list *list, const struct token *token)
    __attribute__((nonnull, warn_unused_result));

void domain_list_free(struct domain_list *list) __attribute__((nonnull));

#endif
