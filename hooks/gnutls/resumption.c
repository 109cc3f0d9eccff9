#include "hooks/gnutls/resumption.h"

#include "hooks/gnutls/peer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct kept_session {
    size_t size;
    unsigned char data[];
};

/* Whom an offered session belongs to can't be seen before it is resumed. Where nobody is named either, it may
 * be a pinned host's only after such a one was met. */
static atomic_bool nameless_are_pinned;

void resumption_learn(const struct connection *connection)
{
    if (connection->pinned && !connection->named)
        atomic_store(&nameless_are_pinned, true);
}

void resumption_forget(struct session_record *record)
{
    free(record->kept);
    record->kept = NULL;
}

/* What the library would say to it, from a session that nobody sees. */
static int try_on_another(const struct libgnutls *lib, const void *data, size_t size)
{
    gnutls_session_t other;
    int result = lib->api.gnutls_init(&other, GNUTLS_CLIENT);
    if (result < 0)
        return result;
    result = lib->api.gnutls_session_set_data(other, data, size);
    lib->api.gnutls_deinit(other);
    return result;
}

static int keep(struct session_record *record, const void *data, size_t size)
{
    const int result = try_on_another(record->lib, data, size);
    if (result < 0)
        return result;
    resumption_forget(record);
    record->kept = calloc(1, sizeof *record->kept + size);
    if (!record->kept)
        return GNUTLS_E_MEMORY_ERROR;
    record->kept->size = size;
    memcpy(record->kept->data, data, size);
    return result;
}

int resumption_offer(struct session_record *record, gnutls_session_t session, const void *data, size_t size)
{
    const int saved = errno;
    struct identity identity;
    struct connection would_be = {0};
    struct gnutls_peer peer;
    identity_clear(&identity);
    gnutls_peer_init(&peer, record, session);
    gnutls_peer_names(record, session, &identity);
    const bool named = !identity.unnamed;
    const enum arming arming =
        named ? connection_begin(&would_be, &identity, &gnutls_backend, &peer) : ARM_TERMINATE;
    connection_clear(&would_be);
    gnutls_peer_release(&peer);
    const int result = arming != ARM_NONE ? keep(record, data, size) : 0;
    errno = saved;
    return arming == ARM_NONE ? record->lib->api.gnutls_session_set_data(session, data, size) : result;
}

void resumption_decide(struct session_record *record, gnutls_session_t session)
{
    const struct connection *connection = &record->connection;
    const struct kept_session *kept = record->kept;
    const bool drop = connection->pinned || (!connection->named && atomic_load(&nameless_are_pinned));
    if (kept && !drop)
        (void)record->lib->api.gnutls_session_set_data(session, kept->data, kept->size);
    resumption_forget(record);
}
