/* Text -> libconfig settings -> the policy. */
#ifndef PINSHIM_CONFIG_PARSE_H
#define PINSHIM_CONFIG_PARSE_H

#include "config/policy.h"
#include "config/settings.h"

/* pinshim.conf's `length` bytes; a NUL stands behind them. */
void parse_device(struct policy_text *policy, const struct file *file, const char *text, size_t length)
    __attribute__((nonnull));

/* The same of a persona's file. */
void parse_persona(struct policy_text *policy, const struct file *file, const char *text, size_t length)
    __attribute__((nonnull));

#endif
