#include "agent/installer.h"

#include "agent/compiled.h"
#include "agent/kept_bundle.h"
#include "agent/paths.h"
#include "agent/work_folder.h"
#include "bundle/envelope.h"
#include "bundle/utc.h"
#include "tools/report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

static bool is_accepted_one(const struct past *past, const struct received *received)
{
    return received->bundle.version == past->bundle.version &&
           memcmp(received->digest, past->bundle.digest, BUNDLE_DIGEST_SIZE) == 0;
}

static bool store(const struct past *past)
{
    if (past_store(past))
        return true;
    report_error(AGENT_PAST ": %s", strerror(errno));
    return false;
}

static void tell_age(struct installer *installer)
{
    char expires[UTC_TEXT_SIZE];
    const struct bundle_past *past = &installer->past.bundle;
    const enum bundle_age age = bundle_age(past, time(NULL));
    if (age != installer->told_age && age != BUNDLE_FRESH) {
        utc_format(past->expires, expires);
        report_warning("the policy in force, version %" PRIu64 ", %s at %s, and no newer one has been found",
                       past->version, age == BUNDLE_EXPIRED ? "has expired" : "expires", expires);
    }
    installer->told_age = age;
}

static bool take_settings(struct installer *installer, const struct agent_policy *agent)
{
    if (!(agent->url ? settings_take(&installer->settings, agent, AGENT_BUNDLE)
                     : settings_read_local(&installer->settings)))
        return false;
    if (strcmp(installer->past.url, installer->settings.url) != 0)
        installer->past.etag[0] = '\0'; /* another server's */
    memcpy(installer->past.url, installer->settings.url, URL_SIZE);
    return true;
}

/* The image, and the settings, of the bundle that is kept: somebody may have put another image there, or said
 * in the device's own file what the device is. */
static bool make_agree(struct installer *installer, const struct received *kept)
{
    struct compiled compiled;
    if (!compiled_make(&compiled, &kept->bundle))
        return false;
    bool agrees = compiled_is_installed(&compiled);
    if (!agrees && (agrees = compiled_put(&compiled)))
        report_note("version %" PRIu64 " is in force again", kept->bundle.version);
    installer->in_force = agrees && is_accepted_one(&installer->past, kept);
    const bool taken = take_settings(installer, &compiled.agent);
    compiled_free(&compiled);
    return taken;
}

/* The file of the past may be lost, or older than the bundle: whose signature was verified when it was kept.
 */
static void remember(struct past *past, const struct received *kept)
{
    if (kept->bundle.version > past->bundle.version)
        bundle_accept(&past->bundle, &kept->bundle, kept->digest, time(NULL));
}

bool installer_start(struct installer *installer)
{
    struct received kept;
    installer->in_force = false;
    if (!past_load(&installer->past))
        return false;
    if (!work_folder_empty()) {
        report_error(AGENT_WORK ": %s", strerror(errno));
        return false;
    }
    bool started = false;
    if (kept_bundle_load(&kept)) {
        remember(&installer->past, &kept);
        started = make_agree(installer, &kept);
        bundle_free(&kept.bundle);
    }
    started = started || take_settings(installer, &(struct agent_policy){0});
    if (!installer->in_force)
        installer->past.etag[0] = '\0'; /* the whole of it is wanted */
    if (started)
        tell_age(installer);
    return started;
}

/* What was accepted is noted before it is in force: a rollback to what was in force before is none then. */
static bool install(struct installer *installer, const struct received *received,
                    const struct compiled *compiled)
{
    struct past past = installer->past;
    bundle_accept(&past.bundle, &received->bundle, received->digest, time(NULL));
    past.etag[0] = '\0';
    if (!store(&past))
        return false;
    installer->past = past;
    installer->in_force = false;
    if (!kept_bundle_put() || (!compiled_is_installed(compiled) && !compiled_put(compiled)))
        return false;
    installer->in_force = true;
    return take_settings(installer, &compiled->agent);
}

static enum install_outcome prepare_and_install(struct installer *installer, const struct received *received,
                                                const uint8_t *bytes, size_t size)
{
    struct compiled compiled;
    if (!compiled_make(&compiled, &received->bundle))
        return INSTALL_REFUSED;
    const bool installed = kept_bundle_prepare(bytes, size) && install(installer, received, &compiled);
    compiled_free(&compiled);
    (void)!work_folder_empty(); /* the next one would do it, too */
    return installed ? INSTALL_DONE : INSTALL_REFUSED;
}

static enum install_outcome refuse(const char *why)
{
    report_error("refused a bundle: it %s", why);
    return INSTALL_REFUSED;
}

static enum install_outcome judge(struct installer *installer, const struct received *received,
                                  const uint8_t *bytes, size_t size)
{
    char reason[BUNDLE_ERROR_SIZE];
    switch (bundle_judge(&installer->past.bundle, &received->bundle, received->digest, time(NULL), reason)) {
    case BUNDLE_NEWER:
        return prepare_and_install(installer, received, bytes, size);
    case BUNDLE_SAME:
        if (!installer->in_force)
            return prepare_and_install(installer, received, bytes, size);
        return make_agree(installer, received) && installer->in_force ? INSTALL_CURRENT : INSTALL_REFUSED;
    case BUNDLE_REFUSED:
        break;
    }
    report_error("refused a bundle: %s", reason);
    return INSTALL_REFUSED;
}

static enum install_outcome take(struct installer *installer, const uint8_t *bytes, size_t size)
{
    struct envelope envelope;
    struct received received;
    char error[BUNDLE_ERROR_SIZE], key[BUNDLE_KEY_LENGTH + 1];
    const char *fault = envelope_read(&envelope, bytes, size);
    if (fault)
        return refuse(fault);
    const struct bundle_key *signer =
        envelope_signer(&envelope, installer->settings.keys, installer->settings.key_count);
    if (!signer)
        return refuse("isn't signed by an accepted key, or was altered since");
    bundle_key_format(signer, key);
    if (!bundle_digest(envelope.payload, envelope.payload_size, received.digest))
        return refuse("can't be read: out of memory");
    if (!payload_read(&received.bundle, envelope.payload, envelope.payload_size, error))
        return refuse(error);
    const enum install_outcome outcome = judge(installer, &received, bytes, size);
    if (outcome == INSTALL_DONE)
        report_note("installed version %" PRIu64 ", signed by %s", received.bundle.version, key);
    bundle_free(&received.bundle);
    return outcome;
}

enum install_outcome installer_take(struct installer *installer, const uint8_t *bytes, size_t size,
                                    const char etag[ETAG_SIZE])
{
    char url[URL_SIZE];
    memcpy(url, installer->past.url, URL_SIZE);
    const enum install_outcome outcome = take(installer, bytes, size);
    if (outcome != INSTALL_REFUSED) {
        if (strcmp(url, installer->past.url) == 0) /* else it is another server's name for it */
            memcpy(installer->past.etag, etag, ETAG_SIZE);
        bundle_confirm(&installer->past.bundle, time(NULL));
        (void)!store(&installer->past);
    }
    tell_age(installer);
    return outcome;
}

enum install_outcome installer_confirm(struct installer *installer)
{
    if (!installer->in_force)
        return INSTALL_REFUSED;
    bundle_confirm(&installer->past.bundle, time(NULL));
    (void)!store(&installer->past);
    tell_age(installer);
    return INSTALL_CURRENT;
}
