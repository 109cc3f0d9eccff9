#include "config/domain_list.h"

#include <stdlib.h>
#include <string.h>

/* A new batch starts behind the token. */
static bool open_batch(struct domain_list *list, const struct token *token)
{
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity ? list->capacity * 2 : 16;
        struct domain_batch *batches = reallocarray(list->batches, capacity, sizeof *batches);
        if (!batches)
            return false;
        list->batches = batches;
        list->capacity = capacity;
    }
    list->batches[list->count++] = (struct domain_batch){
        .start = token->start + token->length,
        .line = token->line,
        .first = list->elements,
    };
    return true;
}

/* The batch ends before the token. */
static void close_batch(struct domain_list *list, const struct token *token)
{
    struct domain_batch *batch = &list->batches[list->count - 1];
    batch->length = (size_t)(token->start - batch->start);
}

/* What follows `domains`, `domains =`, or something else, at the top level. */
static enum domain_list_state opening(enum domain_list_state state, const struct token *token)
{
    static const char name[] = "domains";
    const char c = *token->start;
    if (token->depth > 0)
        return DOMAIN_LIST_NONE;
    if (state == DOMAIN_LIST_NAME && (c == '=' || c == ':'))
        return DOMAIN_LIST_SIGN;
    if (state == DOMAIN_LIST_SIGN && c == '(')
        return DOMAIN_LIST_INSIDE;
    const bool named = token->length == strlen(name) && memcmp(token->start, name, token->length) == 0;
    return named ? DOMAIN_LIST_NAME : DOMAIN_LIST_NONE;
}

static bool see_inside(struct domain_list *list, const struct token *token)
{
    const char c = *token->start;
    if (token->depth > 1)
        return true;
    if (c == ')') {
        close_batch(list, token);
        list->state = DOMAIN_LIST_WHOLE;
    } else if (c == ',' && ++list->elements % DOMAIN_BATCH == 0) {
        close_batch(list, token);
        return open_batch(list, token);
    } else if (c == ']' || c == '}') { /* a syntax error: libconfig shall tell it */
        list->state = DOMAIN_LIST_NONE;
        list->count = 0;
    }
    return true;
}

bool domain_list_see(struct domain_list *list, const struct token *token)
{
    if (list->state == DOMAIN_LIST_WHOLE)
        return true;
    if (list->state == DOMAIN_LIST_INSIDE)
        return see_inside(list, token);
    list->state = opening(list->state, token);
    return list->state != DOMAIN_LIST_INSIDE || open_batch(list, token);
}

void domain_list_free(struct domain_list *list)
{
    free(list->batches);
    *list = (struct domain_list){0};
}
