#include "agent/kept_bundle.h"

#include "agent/paths.h"
#include "bundle/envelope.h"
#include "tools/report.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEXT AGENT_WORK "/bundle"

static bool fail(const char *path, const char *why)
{
    report_error("%s: %s", path, why);
    return false;
}

bool bundle_digest(const uint8_t *payload, size_t size, uint8_t digest[BUNDLE_DIGEST_SIZE])
{
    return EVP_Digest(payload, size, digest, NULL, EVP_sha256(), NULL) == 1;
}

/* Whoever signed it: whole, as it was received. */
static bool is_whole(const struct envelope *envelope)
{
    for (size_t i = 0; i < envelope->signature_count; i++)
        if (envelope_signature_holds(envelope, &envelope->signatures[i]))
            return true;
    return false;
}

static bool read_kept(struct received *kept, const uint8_t *bytes, size_t size)
{
    struct envelope envelope;
    char error[BUNDLE_ERROR_SIZE];
    const char *fault = envelope_read(&envelope, bytes, size);
    if (fault)
        return fail(AGENT_BUNDLE, fault);
    if (!is_whole(&envelope))
        return fail(AGENT_BUNDLE, "is damaged");
    if (!bundle_digest(envelope.payload, envelope.payload_size, kept->digest))
        return fail(AGENT_BUNDLE, "out of memory");
    return payload_read(&kept->bundle, envelope.payload, envelope.payload_size, error) ||
           fail(AGENT_BUNDLE, error);
}

bool kept_bundle_load(struct received *kept)
{
    *kept = (struct received){0};
    FILE *file = fopen(AGENT_BUNDLE, "re");
    if (!file)
        return errno != ENOENT && fail(AGENT_BUNDLE, strerror(errno));
    uint8_t *bytes = malloc(BUNDLE_SIZE_LIMIT + 1);
    const size_t size = bytes ? fread(bytes, 1, BUNDLE_SIZE_LIMIT + 1, file) : 0;
    (void)fclose(file);
    const bool loaded = bytes && read_kept(kept, bytes, size);
    free(bytes);
    return loaded;
}

bool kept_bundle_prepare(const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(NEXT, "wxe");
    if (!file)
        return fail(NEXT, strerror(errno));
    bool written = fwrite(bytes, 1, size, file) == size && fflush(file) == 0 && fsync(fileno(file)) == 0;
    const int error = errno;
    written = fclose(file) == 0 && written;
    return written || fail(NEXT, strerror(error));
}

static bool sync_folder(void)
{
    const int fd = open(AGENT_STATE_FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = fd >= 0 && fsync(fd) == 0;
    const int error = errno;
    if (fd >= 0)
        close(fd);
    return synced || fail(AGENT_STATE_FOLDER, strerror(error));
}

bool kept_bundle_put(void)
{
    return (rename(NEXT, AGENT_BUNDLE) == 0 || fail(AGENT_BUNDLE, strerror(errno))) && sync_folder();
}
