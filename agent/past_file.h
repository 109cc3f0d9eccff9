/* What the agent knows of the past, on disk: the highest version, and the time below which no clock is
 * believed. */
#ifndef PINSHIM_AGENT_PAST_FILE_H
#define PINSHIM_AGENT_PAST_FILE_H

#include "bundle/rules.h"

enum { ETAG_SIZE = 256, URL_SIZE = 2048 };

struct past {
    struct bundle_past bundle;
    char etag[ETAG_SIZE]; /* of the accepted bundle, as the server at `url` calls it; may be empty */
    char url[URL_SIZE];
};

/* False: there is a file, and it can't be read (told): nothing is known, and nothing must be taken for new.
 * Without a file *past is empty. */
bool past_load(struct past *past) __attribute__((nonnull, warn_unused_result));

/* Replaces the file by way of the work folder. False with errno. */
bool past_store(const struct past *past) __attribute__((nonnull, warn_unused_result));

#endif
