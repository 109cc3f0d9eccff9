#include "tests/clients/nss/nss.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static bool is_datagram(const struct options *options)
{
    return options->tls == 2;
}

static bool configure(const struct options *options, PRFileDesc *fd)
{
    static const PRUint16 versions[] = {SSL_LIBRARY_VERSION_TLS_1_2, SSL_LIBRARY_VERSION_TLS_1_3,
                                        SSL_LIBRARY_VERSION_TLS_1_2};
    const SSLVersionRange range = {versions[options->tls], versions[options->tls]};
    const PRInt32 role = options->server_option ? SSL_HANDSHAKE_AS_SERVER : SSL_HANDSHAKE_AS_CLIENT;
    return SSL_OptionSet(fd, SSL_SECURITY, PR_TRUE) == SECSuccess &&
           SSL_OptionSet(fd, role, PR_TRUE) == SECSuccess &&
           SSL_OptionSet(fd, SSL_ENABLE_SESSION_TICKETS, PR_TRUE) == SECSuccess &&
           SSL_OptionSet(fd, SSL_NO_CACHE, !options->cache) == SECSuccess &&
           SSL_OptionSet(fd, SSL_ENABLE_0RTT_DATA, options->early) == SECSuccess &&
           SSL_OptionSet(fd, SSL_ENABLE_FALSE_START, options->false_start) == SECSuccess &&
           (is_datagram(options) ||
            SSL_OptionSet(fd, SSL_ENABLE_RENEGOTIATION, SSL_RENEGOTIATE_REQUIRES_XTN) == SECSuccess) &&
           SSL_VersionRangeSet(fd, &range) == SECSuccess;
}

/* As a program does that isn't linked to the library. */
static PRFileDesc *import_by_dlsym(PRFileDesc *model, PRFileDesc *fd)
{
    void *library = dlopen("libssl3.so", RTLD_LAZY | RTLD_NOLOAD);
    __typeof__(&SSL_ImportFD) function = __extension__(__typeof__(function)) dlsym(library, "SSL_ImportFD");
    return function(model, fd);
}

static PRFileDesc *import(const struct options *options, PRFileDesc *model, PRFileDesc *fd)
{
    if (options->by_dlsym)
        return import_by_dlsym(model, fd);
    return is_datagram(options) ? DTLS_ImportFD(model, fd) : SSL_ImportFD(model, fd);
}

static PRFileDesc *plain(const struct options *options)
{
    return is_datagram(options) ? PR_NewUDPSocket() : PR_NewTCPSocket();
}

/* A socket that is never used but as a pattern: for the import, or for SSL_ReconfigFD. */
static PRFileDesc *model_new(struct connection *connection)
{
    const struct options *options = connection->options;
    PRFileDesc *model = import(options, NULL, plain(options));
    if (!model || !configure(options, model))
        exit(2);
    verification_set(connection, model);
    return model;
}

static bool reach(const struct options *options, PRFileDesc *fd)
{
    PRNetAddr address = {0};
    PR_InitializeNetAddr(PR_IpAddrLoopback, (PRUint16)options->port, &address);
    return PR_Connect(fd, &address, PR_SecondsToInterval(WAIT_SECONDS)) == PR_SUCCESS;
}

/* Blocking while it connects; a program that imports a connected socket resets its handshake. */
static PRFileDesc *tls_new(struct connection *connection, PRFileDesc *model)
{
    const struct options *options = connection->options;
    PRFileDesc *fd = plain(options);
    if (options->reset && !reach(options, fd))
        return NULL;
    fd = import(options, options->model ? model : NULL, fd);
    if (!fd || !configure(options, fd))
        return NULL;
    if (options->reconfigure && !SSL_ReconfigFD(model, fd))
        return NULL;
    if (!model)
        verification_set(connection, fd);
    if (options->reset)
        return SSL_ResetHandshake(fd, PR_FALSE) == SECSuccess ? fd : NULL;
    return reach(options, fd) ? fd : NULL;
}

/* What programs put above TLS: a layer that passes everything on. */
static bool push_layer(PRFileDesc *fd)
{
    static PRDescIdentity identity;
    if (!identity)
        identity = PR_GetUniqueIdentity("passing");
    PRFileDesc *layer = PR_CreateIOLayerStub(identity, PR_GetDefaultIOMethods());
    return layer && PR_PushIOLayer(fd, PR_TOP_IO_LAYER, layer) == PR_SUCCESS;
}

PRFileDesc *socket_new(struct connection *connection)
{
    const struct options *options = connection->options;
    PRFileDesc *model = options->model || options->reconfigure ? model_new(connection) : NULL;
    PRFileDesc *fd = tls_new(connection, model);
    if (model)
        PR_Close(model);
    if (fd && options->layer && !push_layer(fd))
        return NULL;
    PRSocketOptionData option = {.option = PR_SockOpt_Nonblocking,
                                 .value.non_blocking = options->nonblocking};
    return fd && PR_SetSocketOption(fd, &option) == PR_SUCCESS ? fd : NULL;
}
