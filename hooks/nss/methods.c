#include "hooks/nss/methods.h"

#include "hooks/nss/handshake.h"

#include "shim/lock.h"

/* The record of a layer, which has one as long as one of our tables is its own. */
static struct nss_record *record_of(const PRFileDesc *layer)
{
    return nss_record_of_layer(layer);
}

static const PRIOMethods *own_methods(const struct nss_record *record)
{
    return atomic_load(&record->lib->own_methods);
}

static PRStatus close_socket(PRFileDesc *layer)
{
    struct nss_record *record = record_of(layer);
    if (!record)
        return PR_FAILURE;
    const PRIOMethods *own = own_methods(record);
    if (layer->higher) /* the library will refuse to, and the socket lives on */
        return own->close(layer);
    registry_remove(&record->node); /* first: the socket's address may come back at once */
    const PRStatus result = own->close(layer);
    nss_record_free(record);
    return result;
}

static PRFileDesc *accept_socket(PRFileDesc *layer, PRNetAddr *address, PRIntervalTime timeout)
{
    const struct nss_record *listener = record_of(layer);
    if (!listener)
        return NULL;
    struct nss_record *record = nss_record_new(listener->lib, listener);
    if (!record) {
        listener->lib->api.PR_SetError(PR_OUT_OF_MEMORY_ERROR, 0);
        return NULL;
    }
    PRFileDesc *fd = own_methods(record)->accept(layer, address, timeout);
    if (!fd) {
        nss_record_free(record);
        return NULL;
    }
    PRIntn as_client = 0;
    (void)record->lib->api.SSL_OptionGet(fd, SSL_HANDSHAKE_AS_CLIENT, &as_client);
    record->role = as_client ? ROLE_CLIENT : ROLE_SERVER;
    nss_record_attach(record, fd);
    return fd;
}

static PRInt32 read_watched(PRFileDesc *layer, void *buffer, PRInt32 length)
{
    struct nss_record *record = record_of(layer);
    return record && nss_handshake_lets_pass(record, layer, PR_INTERVAL_NO_TIMEOUT)
               ? own_methods(record)->read(layer, buffer, length)
               : -1;
}

static PRInt32 write_watched(PRFileDesc *layer, const void *buffer, PRInt32 length)
{
    struct nss_record *record = record_of(layer);
    return record && nss_handshake_lets_pass(record, layer, PR_INTERVAL_NO_TIMEOUT)
               ? own_methods(record)->write(layer, buffer, length)
               : -1;
}

static PRInt32 writev_watched(PRFileDesc *layer, const PRIOVec *vectors, PRInt32 count,
                              PRIntervalTime timeout)
{
    struct nss_record *record = record_of(layer);
    return record && nss_handshake_lets_pass(record, layer, timeout)
               ? own_methods(record)->writev(layer, vectors, count, timeout)
               : -1;
}

static PRInt32 recv_watched(PRFileDesc *layer, void *buffer, PRInt32 length, PRIntn flags,
                            PRIntervalTime timeout)
{
    struct nss_record *record = record_of(layer);
    return record && nss_handshake_lets_pass(record, layer, timeout)
               ? own_methods(record)->recv(layer, buffer, length, flags, timeout)
               : -1;
}

static PRInt32 send_watched(PRFileDesc *layer, const void *buffer, PRInt32 length, PRIntn flags,
                            PRIntervalTime timeout)
{
    struct nss_record *record = record_of(layer);
    return record && nss_handshake_lets_pass(record, layer, timeout)
               ? own_methods(record)->send(layer, buffer, length, flags, timeout)
               : -1;
}

/* Its transmitfile and sendfile call the table's writev or send; it has no recvfrom and no sendto. */
void nss_methods_learn(struct nss *lib, const PRFileDesc *layer)
{
    if (atomic_load(&lib->own_methods))
        return;
    lock_take();
    if (!atomic_load(&lib->own_methods)) {
        PRIOMethods *judged = &lib->judged, *watched = &lib->watched;
        *judged = *layer->methods;
        judged->close = close_socket;
        judged->accept = accept_socket;
        *watched = *judged;
        watched->read = read_watched;
        watched->write = write_watched;
        watched->writev = writev_watched;
        watched->recv = recv_watched;
        watched->send = send_watched;
        atomic_store(&lib->identity, layer->identity);
        atomic_store(&lib->own_methods, layer->methods);
    }
    lock_give();
}

static bool is_ours(const struct nss *lib, const PRIOMethods *methods)
{
    return methods == &lib->watched || methods == &lib->judged || methods == atomic_load(&lib->own_methods);
}

void nss_methods_watch(const struct nss *lib, PRFileDesc *layer)
{
    if (is_ours(lib, layer->methods))
        layer->methods = &lib->watched;
}

void nss_methods_leave(const struct nss *lib, PRFileDesc *layer)
{
    if (is_ours(lib, layer->methods))
        layer->methods = &lib->judged;
}
