/* pinshim bundle verify: would a device that accepts these keys take it? */
#include "bundle/utc.h"
#include "tools/bundle.h"
#include "tools/bundle_file.h"
#include "tools/command.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/signing_key.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const char help[] = "usage: pinshim bundle verify --public-key KEY [--public-key KEY...] FILE\n"
                           "\n"
                           "Is the bundle signed by one of the keys, whole, and not expired?\n"
                           "\n"
                           "  -p, --public-key KEY  ed25519//BASE64, or a file with a key\n"
                           "  -h, --help            this text\n"
                           "  -V, --version         the version\n"
                           "\n"
                           "Exit status: 0 yes; 1 no, or errors; 2 usage.\n";

static bool verify_payload(const char *path, const struct envelope *envelope, const struct bundle_key *signer)
{
    struct bundle bundle;
    char key[BUNDLE_KEY_LENGTH + 1], expires[UTC_TEXT_SIZE];
    if (!bundle_file_payload(path, envelope, &bundle))
        return false;
    const bool expired = bundle.expires < time(NULL);
    bundle_key_format(signer, key);
    utc_format(bundle.expires, expires);
    if (expired)
        report_error("%s: has expired at %s", path, expires);
    else
        printf("%s: version %" PRIu64 ", signed by %s, expires %s\n", path, bundle.version, key, expires);
    bundle_free(&bundle);
    return !expired;
}

static bool verify(const char *path, const struct bundle_key *keys, size_t count)
{
    struct bundle_bytes bytes;
    struct envelope envelope;
    if (!bundle_file_open(path, &bytes, &envelope))
        return false;
    const struct bundle_key *signer = envelope_signer(&envelope, keys, count);
    if (!signer)
        report_error("%s: isn't signed by an accepted key, or was altered since", path);
    const bool good = signer && verify_payload(path, &envelope, signer);
    free(bytes.bytes);
    return good;
}

int bundle_verify_main(int argc, char **argv)
{
    enum { KEYS = 64 };
    static const struct option longs[] = {{"public-key", required_argument, NULL, 'p'}, OPTIONS_COMMON};
    const struct options options = {help, "p:hV", longs, STATUS_USAGE};
    struct bundle_key keys[KEYS];
    size_t count = 0;
    int status;
    for (int option; (option = options_next(argc, argv, &options, &status)) != OPTIONS_END;) {
        if (option == OPTIONS_DONE)
            return status;
        if (count == KEYS) {
            report_error("more than %d keys", KEYS);
            return STATUS_USAGE;
        }
        if (!signing_key_public(optarg, &keys[count++]))
            return STATUS_ERROR;
    }
    if (count == 0 || argc - optind != 1) {
        report_error("a --public-key and one FILE are needed; see pinshim bundle verify --help");
        return STATUS_USAGE;
    }
    return verify(argv[optind], keys, count) ? STATUS_OK : STATUS_ERROR;
}
