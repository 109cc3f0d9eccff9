#include "tests/clients/gnutls/kit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* How a program verifies, or doesn't. */

const char *verification_name(const struct connection *connection)
{
    const struct options *options = connection->options;
    return is_then(connection) && options->then_verify_name ? options->then_verify_name
                                                            : options->verify_name;
}

static int verify_as(gnutls_session_t session, const char *name)
{
    unsigned status = 0;
    const int result = gnutls_certificate_verify_peers3(session, name, &status);
    return result < 0 || status != 0 ? GNUTLS_E_CERTIFICATE_ERROR : 0;
}

static int verify_peer(gnutls_session_t session)
{
    return verify_as(session, verification_name(gnutls_session_get_ptr(session)));
}

static int accept_all(gnutls_session_t session)
{
    (void)session;
    return 0;
}

static int replace(gnutls_session_t session)
{
    gnutls_session_set_verify_function(session, accept_all);
    return 0;
}

static int connect_first(gnutls_session_t session)
{
    const struct connection *connection = gnutls_session_get_ptr(session);
    const bool nested = connection->number > NESTED || connection_nested(connection);
    return verify_peer(session) == 0 && nested ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

static int fetch_then(gnutls_session_t session)
{
    const struct connection *connection = gnutls_session_get_ptr(session);
    return verify_peer(session) == 0 && connection_nested(connection) ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

static int jump_first(gnutls_session_t session)
{
    struct connection *connection = gnutls_session_get_ptr(session);
    if (connection->number == 1)
        __builtin_longjmp(connection->start, 1);
    return verify_peer(session);
}

static void set_by_data(struct connection *connection, gnutls_typed_vdata_st *data, const char *name)
{
    data[0] = (gnutls_typed_vdata_st){.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                      .data = (unsigned char *)GNUTLS_KP_TLS_WWW_SERVER};
    data[1] = (gnutls_typed_vdata_st){.type = GNUTLS_DT_DNS_HOSTNAME, .data = (unsigned char *)name};
    gnutls_session_set_verify_cert2(connection->session, data, name ? 2 : 1, 0);
}

/* In pages of its own: whoever reads it later than it is there ends with the process. */
struct lent {
    gnutls_typed_vdata_st data[2];
    char name[NAME_SIZE];
};

static void set_lent(struct connection *connection, bool by_data)
{
    const char *name = verification_name(connection);
    struct lent *lent = mmap(NULL, sizeof *lent, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (lent == MAP_FAILED)
        abort();
    connection->lent = lent;
    for (size_t i = 0; name && name[i] && i < sizeof lent->name - 1; i++)
        lent->name[i] = name[i];
    if (by_data)
        set_by_data(connection, lent->data, name ? lent->name : NULL);
    else
        gnutls_session_set_verify_cert(connection->session, name ? lent->name : NULL, 0);
}

void verification_set(struct connection *connection)
{
    gnutls_session_t session = connection->session;
    switch ((enum verify)connection->options->verify) {
    case VERIFY_NO_TIME:
        gnutls_certificate_set_verify_flags(connection->credentials,
                                            GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
                                                GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS);
        gnutls_session_set_verify_cert(session, verification_name(connection), 0);
        break;
    case VERIFY_CERT:
        gnutls_session_set_verify_cert(session, verification_name(connection), 0);
        break;
    case VERIFY_CERT2:
        set_by_data(connection, connection->verify_data, verification_name(connection));
        break;
    case VERIFY_LENT_NAME:
        set_lent(connection, false);
        break;
    case VERIFY_LENT_DATA:
        set_lent(connection, true);
        break;
    case VERIFY_CHAIN:
        gnutls_session_set_verify_cert(session, NULL, 0);
        break;
    case VERIFY_SESSION:
        gnutls_session_set_verify_function(session, verify_peer);
        break;
    case VERIFY_SESSION_ACCEPTS:
        gnutls_session_set_verify_function(session, accept_all);
        break;
    case VERIFY_SESSION_REPLACES:
        gnutls_session_set_verify_function(session, replace);
        break;
    case VERIFY_SESSION_CONNECTS:
        gnutls_session_set_verify_function(session, connect_first);
        break;
    case VERIFY_SESSION_FETCHES:
        if (connection->number < NESTED)
            gnutls_session_set_verify_function(session, fetch_then);
        break;
    case VERIFY_JUMPS:
        gnutls_session_set_verify_function(session, jump_first);
        break;
    case VERIFY_CREDENTIALS:
        gnutls_certificate_set_verify_function(connection->credentials, verify_peer);
        break;
    case VERIFY_CREDENTIALS_ACCEPTS:
        gnutls_certificate_set_verify_function(connection->credentials, accept_all);
        break;
    case VERIFY_NONE:
    case VERIFY_AFTER:
    case VERIFY_AFTER_APART:
        break;
    }
}

static bool leaf_is_for(gnutls_session_t session, const char *name)
{
    unsigned count = 0;
    const gnutls_datum_t *list = gnutls_certificate_get_peers(session, &count);
    gnutls_x509_crt_t leaf;
    if (!list || count == 0 || gnutls_x509_crt_init(&leaf) < 0)
        return false;
    const bool fits = gnutls_x509_crt_import(leaf, list, GNUTLS_X509_FMT_DER) == 0 &&
                      gnutls_x509_crt_check_hostname(leaf, name) != 0;
    gnutls_x509_crt_deinit(leaf);
    return fits;
}

static bool verify_apart(struct connection *connection)
{
    unsigned status = 0;
    const char *name = verification_name(connection);
    return gnutls_certificate_verify_peers2(connection->session, &status) == 0 && status == 0 &&
           (!name || leaf_is_for(connection->session, name));
}

bool verification_after(struct connection *connection)
{
    const char *name = connection->options->check_after;
    if (name && !leaf_is_for(connection->session, name))
        return false;
    switch ((enum verify)connection->options->verify) {
    case VERIFY_LENT_NAME:
    case VERIFY_LENT_DATA:
        (void)munmap(connection->lent, sizeof *connection->lent);
        return verify_as(connection->session, connection->options->then_verify_name) == 0;
    case VERIFY_JUMPS:
    case VERIFY_AFTER:
        return verify_peer(connection->session) == 0;
    case VERIFY_SESSION_FETCHES:
        return connection->number < NESTED || verify_peer(connection->session) == 0;
    case VERIFY_AFTER_APART:
        return verify_apart(connection);
    default:
        return true;
    }
}
