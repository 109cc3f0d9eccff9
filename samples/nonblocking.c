/* The same client with a non-blocking socket and poll: nonblocking HOST PORT CAFILE
 *
 * SSL_connect is never called: the first SSL_write does the handshake, as in programs with an event loop. The
 * policy is enforced all the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT = 10000 }; /* milliseconds without anything happening */

/* True once the socket is ready for these events. */
static int wait_for(int fd, short events)
{
    struct pollfd ready = {.fd = fd, .events = events};
    int polled;
    do
        polled = poll(&ready, 1, TIMEOUT);
    while (polled < 0 && errno == EINTR);
    return polled == 1;
}

static int connect_one(const struct addrinfo *address)
{
    const int fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (fd < 0)
        return -1;
    int error = fcntl(fd, F_SETFL, O_NONBLOCK);
    socklen_t size = sizeof error;
    if (error == 0 && connect(fd, address->ai_addr, address->ai_addrlen) != 0)
        error = errno;
    if (error == EINPROGRESS &&
        (!wait_for(fd, POLLOUT) || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0))
        error = ETIMEDOUT;
    if (error == 0)
        return fd;
    close(fd);
    return -1;
}

static int connect_to(const char *host, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses;
    int fd = -1;
    if (getaddrinfo(host, port, &hints, &addresses) != 0)
        return -1;
    for (const struct addrinfo *a = addresses; a && fd < 0; a = a->ai_next)
        fd = connect_one(a);
    freeaddrinfo(addresses);
    return fd;
}

/* After a call that returned `result`: true where it is to be repeated, the socket being ready again. */
static int again(SSL *ssl, int result)
{
    switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ:
        return wait_for(SSL_get_fd(ssl), POLLIN);
    case SSL_ERROR_WANT_WRITE:
        return wait_for(SSL_get_fd(ssl), POLLOUT);
    default:
        return 0;
    }
}

/* The server must show a certificate for HOST that leads to a root in CAFILE. */
static SSL *new_connection(SSL_CTX *context, const char *host, const char *cafile)
{
    if (SSL_CTX_load_verify_locations(context, cafile, NULL) != 1)
        return NULL;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL *ssl = SSL_new(context);
    if (ssl && SSL_set_tlsext_host_name(ssl, host) == 1 && SSL_set1_host(ssl, host) == 1) {
        SSL_set_connect_state(ssl);
        return ssl;
    }
    SSL_free(ssl);
    return NULL;
}

/* 0: the answer was printed. */
static int get(SSL *ssl, const char *host)
{
    char text[4096];
    int result;
    const int length = snprintf(text, sizeof text, "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", host);
    do
        result = SSL_write(ssl, text, length);
    while (result <= 0 && again(ssl, result));
    if (result != length)
        return 1;
    do {
        result = SSL_read(ssl, text, sizeof text);
        if (result > 0)
            fwrite(text, 1, (size_t)result, stdout);
    } while (result > 0 || again(ssl, result));
    SSL_shutdown(ssl);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s HOST PORT CAFILE\n", argv[0]);
        return 2;
    }
    int status = 1;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = context ? new_connection(context, argv[1], argv[3]) : NULL;
    const int fd = ssl ? connect_to(argv[1], argv[2]) : -1;
    if (ssl && fd < 0)
        fprintf(stderr, "%s: can't connect to port %s\n", argv[1], argv[2]);
    if (fd >= 0 && SSL_set_fd(ssl, fd) == 1)
        status = get(ssl, argv[1]);
    if (ssl && SSL_get_verify_result(ssl) != X509_V_OK)
        fprintf(stderr, "%s: %s\n", argv[1], X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
    ERR_print_errors_fp(stderr);
    SSL_free(ssl);
    SSL_CTX_free(context);
    if (fd >= 0)
        close(fd);
    return status;
}
