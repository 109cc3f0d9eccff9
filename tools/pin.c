/* pinshim pin: the pins of certificates, from files or from a server. */
#include "config/pin.h"
#include "tools/command.h"
#include "tools/options.h"
#include "tools/report.h"
#include "tools/served.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const char help[] =
    "usage: pinshim pin [--cafile FILE] CERTIFICATE|HOST[:PORT]...\n"
    "\n"
    "Prints the pin of each certificate and whose it is, one a line:\n"
    "  sha256//BASE64  SUBJECT\n"
    "CERTIFICATE is a file that exists, PEM (any number of certificates) or DER. HOST\n"
    "is asked over TLS, at port 443 where none is named; what it serves is printed,\n"
    "leaf first. Where that does not verify, an attacker may stand in between: the\n"
    "pins are printed with a warning, and the exit status is 1.\n"
    "\n"
    "  -C, --cafile FILE  verify against these roots (PEM), not the system's\n"
    "  -h, --help         this text\n"
    "  -V, --version      the version\n"
    "\n"
    "Exit status: 0 done; 1 a bad file, no answer, or a chain that does not verify;\n"
    "2 usage.\n";

/* RFC 7469, section 2.4: SHA-256 over the DER SubjectPublicKeyInfo. */
static bool pin_of(const X509 *certificate, struct pin *pin)
{
    unsigned char *der = NULL;
    const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    const bool digested =
        length > 0 && EVP_Digest(der, (size_t)length, pin->sha256, NULL, EVP_sha256(), NULL) == 1;
    OPENSSL_free(der);
    return digested;
}

/* The subject, or, as certificates may have none, the names it is for; control characters escaped. */
static void print_subject(X509 *certificate, BIO *output)
{
    const X509_NAME *subject = X509_get_subject_name(certificate);
    GENERAL_NAMES *names = NULL;
    if (X509_NAME_entry_count(subject) > 0) {
        X509_NAME_print_ex(output, subject, 0, XN_FLAG_ONELINE);
        return;
    }
    names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS)
            continue;
        BIO_puts(output, "DNS:");
        ASN1_STRING_print_ex(output, name->d.dNSName, ASN1_STRFLGS_RFC2253);
        break;
    }
    GENERAL_NAMES_free(names);
}

static bool print_pin(X509 *certificate, const char *source)
{
    struct pin pin;
    char text[PIN_TEXT_SIZE];
    BIO *output = BIO_new_fp(stdout, BIO_NOCLOSE);
    const bool digested = output && pin_of(certificate, &pin);
    if (digested) {
        pin_format(&pin, text);
        BIO_printf(output, "%s  ", text);
        print_subject(certificate, output);
        BIO_puts(output, "\n");
    } else {
        report_error("%s: a certificate without a public key", source);
    }
    BIO_free(output);
    return digested;
}

/* False, reported: a damaged certificate, or none at all. */
static bool print_pem(BIO *input, const char *path)
{
    bool good = true;
    unsigned count = 0;
    for (X509 *certificate; (certificate = PEM_read_bio_X509(input, NULL, NULL, NULL)); count++) {
        good &= print_pin(certificate, path);
        X509_free(certificate);
    }
    const unsigned long error = ERR_peek_last_error();
    const bool at_end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
    if (!at_end)
        report_error("%s: certificate %u is damaged", path, count + 1);
    else if (count == 0)
        report_error("%s: no certificate in it", path);
    return good && at_end && count > 0;
}

static bool print_file(const char *path)
{
    FILE *file = fopen(path, "re");
    BIO *input = file ? BIO_new_fp(file, BIO_CLOSE) : NULL;
    if (!input) {
        report_error("%s: %s", path, strerror(errno));
        return false;
    }
    const int first = getc(file);
    ungetc(first, file);
    bool printed;
    if (first == 0x30) { /* an ASN.1 SEQUENCE: DER */
        X509 *certificate = d2i_X509_bio(input, NULL);
        if (!certificate)
            report_error("%s: neither a PEM nor a DER certificate", path);
        printed = certificate && print_pin(certificate, path);
        X509_free(certificate);
    } else {
        printed = print_pem(input, path);
    }
    BIO_free(input);
    ERR_clear_error();
    return printed;
}

static bool print_served(const char *argument, const char *roots)
{
    struct endpoint endpoint;
    struct served served;
    char error[SERVED_ERROR_SIZE];
    if (!endpoint_parse(argument, &endpoint)) {
        report_error("%s: neither a file nor HOST[:PORT]", argument);
        return false;
    }
    if (!served_fetch(&endpoint, roots, &served, error)) {
        report_error(strchr(argument, ':') ? "%s: %s" : "%s: no such file; as a host: %s", argument, error);
        return false;
    }
    bool good = true;
    for (int i = 0; i < sk_X509_num(served.chain); i++)
        good &= print_pin(sk_X509_value(served.chain, i), argument);
    if (served.verified != X509_V_OK)
        report_warning(
            "%s: this chain does not verify: %s; don't use these pins before you know whose they are",
            argument, X509_verify_cert_error_string(served.verified));
    good &= served.verified == X509_V_OK;
    served_free(&served);
    return good;
}

/* What exists is a file, and so is what can't be a host's name. */
static bool is_file(const char *argument)
{
    struct stat status;
    return strchr(argument, '/') || (stat(argument, &status) == 0 && !S_ISDIR(status.st_mode));
}

int pin_main(int argc, char **argv)
{
    static const struct option longs[] = {{"cafile", required_argument, NULL, 'C'}, OPTIONS_COMMON};
    const struct options options = {help, "C:hV", longs, STATUS_USAGE};
    const char *roots = NULL;
    int status;
    for (int option; (option = options_next(argc, argv, &options, &status)) != OPTIONS_END;) {
        if (option == OPTIONS_DONE)
            return status;
        roots = optarg;
    }
    if (optind == argc) {
        report_error("a certificate or a host is missing; see pinshim pin --help");
        return STATUS_USAGE;
    }
    signal(SIGPIPE, SIG_IGN); /* a server that leaves early is an error message */
    status = STATUS_OK;
    for (int i = optind; i < argc; i++)
        if (!(is_file(argv[i]) ? print_file(argv[i]) : print_served(argv[i], roots)))
            status = STATUS_ERROR;
    return status;
}
