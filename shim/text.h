/* Text in a bounded buffer: what snprintf would do, without its locale, its allocations and its start-up
 * cost.
 *
 * A text that doesn't fit is cut, and text_end says so. Async-signal-safe; never writes past the buffer.
 */
#ifndef PINSHIM_SHIM_TEXT_H
#define PINSHIM_SHIM_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
    char *start; /* the caller's buffer */
    size_t length, size;
    bool cut;
};

/* An empty text over `size` >= 1 bytes. */
struct text text_over(char *buffer, size_t size) __attribute__((nonnull, warn_unused_result));

void text_add_bytes(struct text *text, const char *bytes, size_t length) __attribute__((nonnull));
void text_add(struct text *text, const char *string) __attribute__((nonnull));
void text_add_char(struct text *text, char c) __attribute__((nonnull));

/* The folder of a path, with its last slash; nothing where it has none. */
void text_add_folder(struct text *text, const char *path) __attribute__((nonnull));

/* In decimal, with leading zeros up to `digits`. */
void text_add_number(struct text *text, uint64_t number, unsigned digits) __attribute__((nonnull));
void text_add_hex64(struct text *text, uint64_t number) __attribute__((nonnull));

/* Seconds since 1970 as RFC 3339 in UTC: 2026-11-23T19:00:00Z. */
void text_add_time(struct text *text, int64_t seconds) __attribute__((nonnull));

/* A JSON string with its quotation marks; bytes that are no ASCII text are escaped (RFC 8259, section 7). */
void text_add_json(struct text *text, const char *string) __attribute__((nonnull));

/* Adds the NUL; false where the text was cut. */
bool text_end(struct text *text) __attribute__((nonnull));

/* Copies a string, cut to what fits. */
void text_set(char *buffer, size_t size, const char *string) __attribute__((nonnull));

/* True where two strings are the same. Ours, where strcmp would be one more function to bind at each start.
 */
bool text_equal(const char *a, const char *b) __attribute__((nonnull, warn_unused_result));

#endif
