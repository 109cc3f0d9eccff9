#include "bundle/rules.h"

#include "bundle/utc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static enum bundle_ruling refuse_rollback(const struct bundle_past *past, const struct bundle *bundle,
                                          char reason[BUNDLE_ERROR_SIZE])
{
    if (bundle->version == past->version)
        (void)snprintf(reason, BUNDLE_ERROR_SIZE,
                       "rollback: there is another bundle of version %" PRIu64 " already", past->version);
    else
        (void)snprintf(reason, BUNDLE_ERROR_SIZE,
                       "rollback: version %" PRIu64 " is older than %" PRIu64 ", which was accepted",
                       bundle->version, past->version);
    return BUNDLE_REFUSED;
}

enum bundle_ruling bundle_judge(const struct bundle_past *past, const struct bundle *bundle,
                                const uint8_t digest[BUNDLE_DIGEST_SIZE], int64_t now,
                                char reason[BUNDLE_ERROR_SIZE])
{
    char text[UTC_TEXT_SIZE];
    const bool same =
        bundle->version == past->version && memcmp(digest, past->digest, BUNDLE_DIGEST_SIZE) == 0;
    if (!same && bundle->version <= past->version)
        return refuse_rollback(past, bundle, reason);
    if (bundle->created < past->created) {
        (void)snprintf(reason, BUNDLE_ERROR_SIZE,
                       "version %" PRIu64 " was created before version %" PRIu64 ", which was accepted",
                       bundle->version, past->version);
        return BUNDLE_REFUSED;
    }
    if (!same && bundle->expires < later(now, past->time)) {
        utc_format(bundle->expires, text);
        (void)snprintf(reason, BUNDLE_ERROR_SIZE, "version %" PRIu64 " has expired at %s", bundle->version,
                       text);
        return BUNDLE_REFUSED;
    }
    return same ? BUNDLE_SAME : BUNDLE_NEWER;
}

void bundle_confirm(struct bundle_past *past, int64_t now)
{
    past->time = later(past->time, now < past->expires ? now : past->created);
}

void bundle_accept(struct bundle_past *past, const struct bundle *bundle,
                   const uint8_t digest[BUNDLE_DIGEST_SIZE], int64_t now)
{
    past->version = bundle->version;
    past->created = bundle->created;
    past->expires = bundle->expires;
    memcpy(past->digest, digest, BUNDLE_DIGEST_SIZE);
    past->time = later(past->time, bundle->created);
    bundle_confirm(past, now);
}

enum bundle_age bundle_age(const struct bundle_past *past, int64_t now)
{
    now = later(now, past->time);
    if (past->version == 0)
        return BUNDLE_FRESH;
    if (now > past->expires)
        return BUNDLE_EXPIRED;
    return past->expires - now < (past->expires - past->created) / 4 ? BUNDLE_STALE : BUNDLE_FRESH;
}
