/* What `--json` prints on stdout: one JSON text, or one a line; ASCII alone, so that no control character
 * reaches a terminal. */
#ifndef PINSHIM_TOOLS_JSON_OUTPUT_H
#define PINSHIM_TOOLS_JSON_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>

/* A JSON string of bytes that needn't be UTF-8, as file names and certificates hold them: what is none
 * becomes U+FFFD. NULL: null. A new reference, or NULL where memory is out: as jansson's `_new` functions
 * take it. */
json_t *json_output_string(const char *bytes) __attribute__((warn_unused_result));

/* Prints the value over several lines, and gives the reference back, whatever happens. False: it is NULL, so
 * memory ran out when it was made, which has been reported. An error of stdout is left to its owner. */
bool json_output_document(json_t *value) __attribute__((warn_unused_result));

/* As json_output_document, on a line of its own, and the reference stays the caller's. */
bool json_output_line(const json_t *value) __attribute__((warn_unused_result));

#endif
