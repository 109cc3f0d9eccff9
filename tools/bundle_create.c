/* pinshim bundle create: a policy's folder as one signed file. */
#include "bundle/utc.h"
#include "tools/bundle.h"
#include "tools/bundle_file.h"
#include "tools/bundle_gather.h"
#include "tools/command.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/signing_key.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] = "usage: pinshim bundle create -o FILE --version N --expires DATE\n"
                           "                             --key KEY.pem [DIR]\n"
                           "\n"
                           "Makes a signed bundle of DIR/pinshim.conf, DIR/persona.d and the certificates\n"
                           "that they name. A policy with errors makes none. Without DIR: /etc/pinshim.\n"
                           "\n"
                           "  -o, --output FILE       where it is written, whole or not at all\n"
                           "  -n, --version N         its version: higher than that of every one before\n"
                           "  -e, --expires DATE      its last good day, as 2027-06-30, or the very second,\n"
                           "                          as 2027-06-30T12:00:00Z: devices refuse it later\n"
                           "  -k, --key KEY.pem       the private key, of Ed25519\n"
                           "  -h, --help              this text\n"
                           "\n"
                           "Exit status: 0 done; 1 errors; 2 usage.\n";

struct order {
    const char *output, *key, *folder;
    struct bundle bundle;
};

static bool usage(const char *fault)
{
    report_error("%s; see pinshim bundle create --help", fault);
    return false;
}

static bool read_version(const char *text, uint64_t *version)
{
    enum { DIGITS = 15 /* what every reader of JSON holds exactly */ };
    const size_t digits = strspn(text, "0123456789");
    *version = strtoull(text, NULL, 10);
    return (digits > 0 && digits <= DIGITS && !text[digits] && *version > 0) ||
           usage("the version is a number from 1");
}

/* A day is good to its end. */
static bool read_expiry(const char *text, int64_t *expires)
{
    char whole[64];
    (void)snprintf(whole, sizeof whole, "%.30s%s", text, strchr(text, 'T') ? "" : "T23:59:59Z");
    return utc_read(whole, expires) || usage("it expires at a DATE: 2027-06-30, or 2027-06-30T12:00:00Z");
}

static bool is_complete(const struct order *order)
{
    const char *missing = !order->output           ? "an --output is missing"
                          : !order->bundle.version ? "a --version is missing"
                          : !order->bundle.expires ? "the day on which it --expires is missing"
                          : !order->key            ? "a --key is missing"
                                                   : NULL;
    return !missing || usage(missing);
}

/* False: return *status. */
static bool read_options(int argc, char **argv, struct order *order, int *status)
{
    static const struct option longs[] = {
        {"output", required_argument, NULL, 'o'},  {"version", required_argument, NULL, 'n'},
        {"expires", required_argument, NULL, 'e'}, {"key", required_argument, NULL, 'k'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0}};
    const struct options options = {help, "o:n:e:k:h", longs, STATUS_USAGE};
    bool understood = true;
    for (int option; (option = options_next(argc, argv, &options, status)) != OPTIONS_END;) {
        if (option == OPTIONS_DONE)
            return false;
        if (option == 'o')
            order->output = optarg;
        else if (option == 'k')
            order->key = optarg;
        else if (option == 'n')
            understood = understood && read_version(optarg, &order->bundle.version);
        else
            understood = understood && read_expiry(optarg, &order->bundle.expires);
    }
    *status = STATUS_USAGE;
    if (understood && argc - optind > 1)
        understood = usage("one DIR at a time");
    order->folder = optind < argc ? argv[optind] : "/etc/pinshim";
    return understood && is_complete(order);
}

static bool seal(const struct order *order, EVP_PKEY *key, const char *payload)
{
    struct envelope envelope = {.payload = (const uint8_t *)payload, .payload_size = strlen(payload)};
    const char *fault = envelope.payload_size > BUNDLE_SIZE_LIMIT - 4096
                            ? "the bundle would be larger than 16 MB"
                            : envelope_sign(&envelope, key);
    if (fault)
        report_error("%s: %s", order->key, fault);
    return !fault && bundle_file_write(order->output, &envelope);
}

/* The output's path is the caller's, and the working directory changes. */
static bool create(struct order *order, EVP_PKEY *key)
{
    char error[BUNDLE_ERROR_SIZE], here[PATH_MAX];
    order->bundle.created = time(NULL);
    if (order->bundle.expires <= order->bundle.created) {
        report_error("it would expire at once");
        return false;
    }
    if (!getcwd(here, sizeof here)) {
        report_error(".: %s", strerror(errno));
        return false;
    }
    if (!bundle_gather(&order->bundle, order->folder))
        return false;
    char *payload = payload_write(&order->bundle, error);
    if (!payload)
        report_error("%s: %s", order->folder, error);
    const bool created = payload && chdir(here) == 0 && seal(order, key, payload);
    free(payload);
    return created;
}

int bundle_create_main(int argc, char **argv)
{
    struct order order = {0};
    int status;
    if (!read_options(argc, argv, &order, &status) || !order.key)
        return status;
    EVP_PKEY *key = signing_key_open(order.key);
    const bool created = key && create(&order, key);
    EVP_PKEY_free(key);
    bundle_free(&order.bundle);
    return created ? STATUS_OK : STATUS_ERROR;
}
