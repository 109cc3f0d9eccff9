#include "agent/past_file.h"

#include "agent/paths.h"
#include "config/pin.h"
#include "tools/report.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEXT AGENT_WORK "/agent.state"

static bool unpack(json_t *root, struct past *past)
{
    struct bundle_past *bundle = &past->bundle;
    struct pin pin; /* a digest like any */
    json_int_t version, created, expires, time;
    const char *digest, *etag, *url;
    const bool read = json_unpack(root, "{s:I, s:s, s:I, s:I, s:I, s:s, s:s}", "version", &version, "digest",
                                  &digest, "created", &created, "expires", &expires, "time", &time, "etag",
                                  &etag, "url", &url) == 0 &&
                      version >= 0 && pin_parse(digest, &pin) && strlen(etag) < ETAG_SIZE &&
                      strlen(url) < URL_SIZE;
    if (!read)
        return false;
    bundle->version = (uint64_t)version;
    bundle->created = created;
    bundle->expires = expires;
    bundle->time = time;
    memcpy(bundle->digest, pin.sha256, BUNDLE_DIGEST_SIZE);
    memcpy(past->etag, etag, strlen(etag));
    memcpy(past->url, url, strlen(url));
    return true;
}

bool past_load(struct past *past)
{
    *past = (struct past){0};
    FILE *file = fopen(AGENT_PAST, "re");
    if (!file && errno == ENOENT)
        return true;
    json_t *root = file ? json_loadf(file, 0, NULL) : NULL;
    const bool read = root && unpack(root, past);
    if (!read)
        report_error(AGENT_PAST ": can't be read: only its removal, by root, lets any bundle in");
    json_decref(root);
    if (file)
        (void)fclose(file);
    return read;
}

static bool write_next(const char *text)
{
    FILE *file = fopen(NEXT, "we");
    if (!file)
        return false;
    bool written = fputs(text, file) >= 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
    written = fclose(file) == 0 && written;
    return written;
}

bool past_store(const struct past *past)
{
    struct pin pin;
    char digest[PIN_TEXT_SIZE];
    memcpy(pin.sha256, past->bundle.digest, PIN_SIZE);
    pin_format(&pin, digest);
    json_t *root = json_pack("{s:I, s:s, s:I, s:I, s:I, s:s, s:s}", "version",
                             (json_int_t)past->bundle.version, "digest", digest, "created",
                             (json_int_t)past->bundle.created, "expires", (json_int_t)past->bundle.expires,
                             "time", (json_int_t)past->bundle.time, "etag", past->etag, "url", past->url);
    char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
    const bool stored = text && write_next(text) && rename(NEXT, AGENT_PAST) == 0;
    free(text);
    json_decref(root);
    return stored;
}
