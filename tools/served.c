#include "tools/served.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static bool fail(char error[SERVED_ERROR_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(char error[SERVED_ERROR_SIZE], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error, SERVED_ERROR_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

/* What OpenSSL says went wrong; the last error stands nearest to what was asked for. */
static const char *tls_reason(void)
{
    const unsigned long code = ERR_peek_last_error();
    if (ERR_SYSTEM_ERROR(code))
        return strerror(ERR_GET_REASON(code));
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    return reason ? reason : "the server closed the connection";
}

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* False with ETIMEDOUT: not before the deadline. */
static bool wait_for(int fd, short events, int64_t deadline)
{
    struct pollfd ready = {.fd = fd, .events = events};
    while (true) {
        const int64_t left = deadline - milliseconds();
        const int polled = left > 0 ? poll(&ready, 1, (int)left) : 0;
        if (polled > 0)
            return true;
        if (polled == 0)
            errno = ETIMEDOUT;
        if (polled == 0 || errno != EINTR)
            return false;
    }
}

/* A connected, non-blocking socket, or -1 with errno. */
static int connect_one(const struct addrinfo *address, int64_t deadline)
{
    const int fd = socket(address->ai_family, address->ai_socktype, 0);
    if (fd < 0)
        return -1;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    int result = connect(fd, address->ai_addr, address->ai_addrlen) == 0 ? 0 : errno;
    socklen_t size = sizeof result;
    if (result == EINPROGRESS &&
        (!wait_for(fd, POLLOUT, deadline) || getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &size) != 0))
        result = errno;
    if (result == 0)
        return fd;
    close(fd);
    errno = result;
    return -1;
}

static int connect_any(const struct endpoint *endpoint, int64_t deadline, char error[SERVED_ERROR_SIZE])
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses;
    const int found = getaddrinfo(endpoint->host, endpoint->port, &hints, &addresses);
    if (found != 0) {
        fail(error, "%s", found == EAI_SYSTEM ? strerror(errno) : gai_strerror(found));
        return -1;
    }
    int fd = -1;
    for (const struct addrinfo *address = addresses; address && fd < 0; address = address->ai_next)
        fd = connect_one(address, deadline);
    if (fd < 0)
        fail(error, "%s", strerror(errno));
    freeaddrinfo(addresses);
    return fd;
}

static bool shake_hands(SSL *ssl, int fd, int64_t deadline, char error[SERVED_ERROR_SIZE])
{
    while (true) {
        ERR_clear_error();
        const int result = SSL_connect(ssl);
        if (result == 1)
            return true;
        short events = 0;
        switch (SSL_get_error(ssl, result)) {
        case SSL_ERROR_WANT_READ:
            events = POLLIN;
            break;
        case SSL_ERROR_WANT_WRITE:
            events = POLLOUT;
            break;
        default:
            return fail(error, "no TLS handshake: %s", tls_reason());
        }
        if (!wait_for(fd, events, deadline))
            return fail(error, "no TLS handshake: %s", strerror(errno));
    }
}

/* The name is sent as SNI, and both a name and an address are verified. */
static bool set_host(SSL *ssl, const char *host)
{
    X509_VERIFY_PARAM *parameters = SSL_get0_param(ssl);
    if (name_is_ip(host))
        return X509_VERIFY_PARAM_set1_ip_asc(parameters, host) == 1;
    return SSL_set_tlsext_host_name(ssl, host) == 1 && X509_VERIFY_PARAM_set1_host(parameters, host, 0) == 1;
}

/* As libssl would: it doesn't where the shim, preloaded on this very host, ends the handshake. */
static bool verify(SSL *ssl, struct served *served)
{
    X509_STORE *roots = SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl));
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_VERIFY_PARAM_set_auth_level(SSL_get0_param(ssl), SSL_get_security_level(ssl));
    const bool able = ctx &&
                      X509_STORE_CTX_init(ctx, roots, sk_X509_value(served->chain, 0), served->chain) == 1 &&
                      X509_STORE_CTX_set_default(ctx, "ssl_server") == 1 &&
                      X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(ctx), SSL_get0_param(ssl)) == 1;
    const bool verified = able && X509_verify_cert(ctx) == 1;
    if (able)
        served->verified = X509_STORE_CTX_get_error(ctx);
    if (verified)
        served->path = X509_STORE_CTX_get1_chain(ctx);
    X509_STORE_CTX_free(ctx);
    return able && verified == (served->path != NULL);
}

/* A server that the shim refuses has shown what is asked for. */
static bool was_refused(const SSL *ssl)
{
    return SSL_get_verify_result(ssl) == X509_V_ERR_CERT_REJECTED;
}

static bool exchange(SSL *ssl, int fd, const char *host, int64_t deadline, struct served *served,
                     char error[SERVED_ERROR_SIZE])
{
    if (!set_host(ssl, host) || SSL_set_fd(ssl, fd) != 1)
        return fail(error, "%s", tls_reason());
    if (!shake_hands(ssl, fd, deadline, error) && !was_refused(ssl))
        return false;
    STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
    if (!chain || sk_X509_num(chain) == 0)
        return fail(error, "the server shows no certificate");
    served->chain = X509_chain_up_ref(chain);
    SSL_shutdown(ssl);
    if (served->chain && verify(ssl, served))
        return true;
    served_free(served);
    return fail(error, "out of memory");
}

static SSL_CTX *create_context(const char *roots, char error[SERVED_ERROR_SIZE])
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!context) {
        fail(error, "%s", tls_reason());
        return NULL;
    }
    /* The handshake succeeds whatever the chain: it is to be seen, and judged afterwards. */
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    if (roots ? SSL_CTX_load_verify_file(context, roots) == 1
              : SSL_CTX_set_default_verify_paths(context) == 1)
        return context;
    fail(error, "no root certificates in %s: %s", roots ? roots : "the system's folder", tls_reason());
    SSL_CTX_free(context);
    return NULL;
}

bool served_fetch(const struct endpoint *endpoint, const char *roots, struct served *served,
                  char error[SERVED_ERROR_SIZE])
{
    const int64_t deadline = milliseconds() + (int64_t)SERVED_TIMEOUT * 1000;
    bool fetched = false;
    *served = (struct served){0};
    SSL_CTX *context = create_context(roots, error);
    if (!context)
        return false;
    const int fd = connect_any(endpoint, deadline, error);
    SSL *ssl = fd >= 0 ? SSL_new(context) : NULL;
    if (ssl)
        fetched = exchange(ssl, fd, endpoint->host, deadline, served, error);
    else if (fd >= 0)
        fail(error, "%s", tls_reason());
    if (fetched)
        served->ssl = ssl;
    else
        SSL_free(ssl);
    if (fd >= 0)
        close(fd);
    SSL_CTX_free(context);
    return fetched;
}

void served_free(struct served *served)
{
    sk_X509_pop_free(served->chain, X509_free);
    sk_X509_pop_free(served->path, X509_free);
    SSL_free(served->ssl);
    *served = (struct served){0};
}
