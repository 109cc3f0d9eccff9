#include "hooks/gnutls/transport.h"

#include "hooks/gnutls/peer.h"
#include "shim/system.h"

#include <errno.h>

/* A socket that is closed with bytes unread resets its connection, and the alert may be lost with it. */
static void read_the_rest(const struct session_record *record, gnutls_session_t session)
{
    const int fd = gnutls_peer_socket(record, session);
    if (fd >= 0 && record->lib->api.gnutls_protocol_get_version(session) < GNUTLS_DTLS_VERSION_MIN)
        system_discard(fd);
}

void session_alert(const struct session_record *record, gnutls_session_t session,
                   gnutls_alert_description_t alert)
{
    read_the_rest(record, session);
    (void)record->lib->api.gnutls_alert_send(session, GNUTLS_AL_FATAL, alert);
}

static ssize_t dead_push(gnutls_transport_ptr_t transport, const void *bytes, size_t length)
{
    (void)transport, (void)bytes, (void)length;
    errno = EPIPE;
    return -1;
}

static ssize_t dead_pull(gnutls_transport_ptr_t transport, void *bytes, size_t length)
{
    (void)transport, (void)bytes, (void)length;
    errno = EPIPE;
    return -1;
}

void session_cut(struct session_record *record, gnutls_session_t session)
{
    const struct libgnutls_api *api = &record->lib->api;
    char bytes[1024];
    if (record->cut)
        return;
    record->cut = true;
    record->own_pull = true;
    api->gnutls_transport_set_push_function(session, dead_push);
    api->gnutls_transport_set_pull_function(session, dead_pull);
    /* Two failures, by which the library gives the session up, should the program give it other functions;
     * and what lies read already is thrown away. */
    (void)api->gnutls_alert_send(session, GNUTLS_AL_WARNING, GNUTLS_A_CLOSE_NOTIFY);
    while (api->gnutls_record_recv(session, bytes, sizeof bytes) > 0)
        ;
}
