/* A path to what the program trusts: found by its own verification, where that is done in the midst of the
 * handshake, else by one of ours. */
#include "hooks/gnutls/evidence.h"
#include "hooks/gnutls/path.h"

#include <stdlib.h>
#include <string.h>

/* The session whose peer this thread verifies, or did when the program jumped out of it: then it may be gone.
 */
static _Thread_local gnutls_session_t verifying __attribute__((tls_model("initial-exec")));

static struct program_path *innermost(void)
{
    return verifying ? (struct program_path *)verification_find(verifying) : NULL;
}

struct program_path *program_path_begin(struct session_record *record, gnutls_session_t session)
{
    program_path_free(record); /* one that was abandoned */
    struct program_path *path = record->path = calloc(1, sizeof *path);
    if (!path)
        return NULL;
    path->record = record;
    path->session = session;
    path->outer = verifying;
    verification_begin(&path->under_way, session);
    verifying = session;
    return path;
}

void program_path_end(struct program_path *path)
{
    if (!path)
        return;
    verifying = path->outer;
    verification_end(&path->under_way);
}

void program_path_free(struct session_record *record)
{
    if (record->path)
        verification_end(&record->path->under_way);
    free(record->path);
    record->path = NULL;
}

/* Those that leave nothing out. */
enum {
    STRICT_FLAGS = GNUTLS_VERIFY_DO_NOT_ALLOW_SAME | GNUTLS_VERIFY_DO_NOT_ALLOW_X509_V1_CA_CRT |
                   GNUTLS_VERIFY_DO_NOT_ALLOW_UNSORTED_CHAIN | GNUTLS_VERIFY_DO_NOT_ALLOW_WILDCARDS |
                   GNUTLS_VERIFY_DO_NOT_ALLOW_IP_MATCHES | GNUTLS_VERIFY_DISABLE_CRL_CHECKS
};

static bool is_strict(unsigned flags)
{
    return ((flags & ~(unsigned)GNUTLS_VFLAGS_PROFILE_MASK) & ~(unsigned)STRICT_FLAGS) == 0;
}

/* The one host that a verification is for; false where it isn't for one. */
static bool host_of(const gnutls_typed_vdata_st *data, unsigned elements, char host[NAME_SIZE])
{
    for (unsigned i = 0; i < elements; i++)
        if (data[i].type == GNUTLS_DT_DNS_HOSTNAME && data[i].data)
            return name_normalise((const char *)data[i].data,
                                  data[i].size ? data[i].size : strlen((const char *)data[i].data), host);
    return false;
}

/* The certificate whose key this handshake uses, where that is `crt`, and it is good for a server; NULL. */
static const gnutls_datum_t *leaf_of(const struct program_path *path, gnutls_x509_crt_t crt)
{
    const struct libgnutls *lib = path->record->lib;
    unsigned length = 0;
    const gnutls_datum_t *list = lib->api.gnutls_certificate_get_peers(path->session, &length);
    const bool same = list && length > 0 && lib->api.gnutls_x509_crt_equals2(crt, list);
    return same && may_serve(lib, crt, list) ? list : NULL;
}

static int watch(struct program_path *path, struct links *links, gnutls_x509_trust_list_t trust,
                 gnutls_x509_crt_t *chain, unsigned length, gnutls_typed_vdata_st *data, unsigned elements,
                 unsigned flags, unsigned *status)
{
    const int result = links_watch(links, trust, chain, length, data, elements, flags, status);
    const bool whole = result == 0 && *status == 0 && is_strict(flags) && links->for_servers;
    const gnutls_datum_t *leaf = whole ? leaf_of(path, chain[0]) : NULL;
    if (leaf) /* else it is another's, and changes nothing */
        path->count = host_of(data, elements, path->host)
                          ? links_follow(links, chain[0], leaf, path->pins, PEER_CERTIFICATES)
                          : 0;
    return result;
}

int gnutls_x509_trust_list_verify_crt2(gnutls_x509_trust_list_t trust, gnutls_x509_crt_t *chain,
                                       unsigned length, gnutls_typed_vdata_st *data, unsigned elements,
                                       unsigned flags, unsigned *status,
                                       gnutls_verify_output_function *output)
{
    const void *caller = __builtin_return_address(0);
    struct program_path *path = innermost();
    struct libgnutls *lib = libgnutls_of_code(caller);
    if (path && lib == path->record->lib && chain && length > 0 && status) {
        struct links links = {.lib = lib, .program = output};
        return watch(path, &links, trust, chain, length, data, elements, flags, status);
    }
    __typeof__(&gnutls_x509_trust_list_verify_crt2) original =
        lib ? lib->api.gnutls_x509_trust_list_verify_crt2
            : (__typeof__(original))platform_original(caller, "gnutls_x509_trust_list_verify_crt2");
    return original ? original(trust, chain, length, data, elements, flags, status, output)
                    : GNUTLS_E_INVALID_REQUEST;
}

/* Most programs verify after the handshake, too late. What they will verify with is known by then: the path
 * is found the way they would, but for this host, with the time, and every error counts. */
static size_t verify_as_the_program(struct gnutls_peer *peer, const char *host, struct pin *pins,
                                    size_t capacity)
{
    const struct libgnutls_api *api = &peer->record->lib->api;
    gnutls_certificate_credentials_t credentials = NULL;
    gnutls_x509_trust_list_t trust = NULL;
    if (api->gnutls_credentials_get(peer->session, GNUTLS_CRD_CERTIFICATE, (void **)&credentials) < 0 ||
        !credentials)
        return 0;
    api->gnutls_certificate_get_trust_list(credentials, &trust);
    return trust ? gnutls_peer_verify(peer, host, trust, 0, pins, capacity) : 0;
}

size_t gnutls_peer_program_path(void *peer, const char *host, struct pin *pins, size_t capacity, bool *proven)
{
    struct gnutls_peer *p = peer;
    const struct program_path *found = p->program;
    size_t count = 0;
    if (found && found->count > 0 && memcmp(found->host, host, strlen(host) + 1) == 0)
        for (; count < found->count && count < capacity; count++)
            pins[count] = found->pins[count];
    else
        count = verify_as_the_program(p, host, pins, capacity);
    *proven = count > 0;
    return count;
}
