/* pinshim bundle sign: another key's signature, so that fleets that accept either of two keys take the
 * bundle. */
#include "tools/bundle.h"
#include "tools/bundle_file.h"
#include "tools/command.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/signing_key.h"

#include <stdlib.h>

static const char help[] = "usage: pinshim bundle sign --key KEY.pem FILE\n"
                           "\n"
                           "Adds the signature of a key to a bundle that is signed already, so that devices\n"
                           "which accept that key alone take it, too.\n"
                           "\n"
                           "  -k, --key KEY.pem  the private key, of Ed25519\n"
                           "  -h, --help         this text\n"
                           "  -V, --version      the version\n"
                           "\n"
                           "Exit status: 0 done; 1 errors, FILE is as it was; 2 usage.\n";

/* What nobody's key has signed may be anybody's: it gets no signature of ours. */
static bool is_whole(const char *path, const struct envelope *envelope)
{
    struct bundle bundle;
    for (size_t i = 0; i < envelope->signature_count; i++)
        if (!envelope_signature_holds(envelope, &envelope->signatures[i])) {
            report_error("%s: was altered: a signature of it doesn't hold", path);
            return false;
        }
    if (!bundle_file_payload(path, envelope, &bundle))
        return false;
    bundle_free(&bundle);
    return true;
}

static bool sign(const char *path, const char *key_path)
{
    struct bundle_bytes bytes;
    struct envelope envelope;
    EVP_PKEY *key = signing_key_open(key_path);
    if (!key || !bundle_file_open(path, &bytes, &envelope)) {
        EVP_PKEY_free(key);
        return false;
    }
    bool done = is_whole(path, &envelope);
    const char *fault = done ? envelope_sign(&envelope, key) : NULL;
    if (fault)
        report_error("%s: %s", key_path, fault);
    done = done && !fault && bundle_file_write(path, &envelope);
    EVP_PKEY_free(key);
    free(bytes.bytes);
    return done;
}

int bundle_sign_main(int argc, char **argv)
{
    static const struct option longs[] = {{"key", required_argument, NULL, 'k'}, OPTIONS_COMMON};
    const struct options options = {help, "k:hV", longs, STATUS_USAGE};
    const char *key = NULL;
    int status;
    for (int option; (option = options_next(argc, argv, &options, &status)) != OPTIONS_END;) {
        if (option == OPTIONS_DONE)
            return status;
        key = optarg;
    }
    if (!key || argc - optind != 1) {
        report_error("a --key and one FILE are needed; see pinshim bundle sign --help");
        return STATUS_USAGE;
    }
    return sign(argv[optind], key) ? STATUS_OK : STATUS_ERROR;
}
