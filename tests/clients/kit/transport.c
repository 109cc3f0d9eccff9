#include "tests/clients/kit/kit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SOCK_CLOEXEC /* macOS */
#define SOCK_CLOEXEC 0
#endif

int transport_connect(const struct options *options, int port)
{
    const bool datagrams = options->tls == DTLS1_2_VERSION;
    const int fd = socket(AF_INET, (datagrams ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    const int one = 1;
    struct timeval bound = {.tv_sec = WAIT_MILLISECONDS / 1000};
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool is_driver(const struct connection *connection, const char *prefix)
{
    return strncmp(connection->options->drive, prefix, strlen(prefix)) == 0;
}

/* True where the TLS bytes pass through buffers that the program itself empties and fills. */
static bool is_memory(const struct connection *connection)
{
    return is_driver(connection, "memory");
}

bool transport_is_chain(const struct options *options)
{
    return strcmp(options->drive, "bio_chain") == 0;
}

BIO *transport_chain(SSL_CTX *ctx)
{
    BIO *buffer = BIO_new(BIO_f_buffer()), *ssl = BIO_new_ssl(ctx, 1);
    return buffer && ssl ? BIO_push(buffer, ssl) : NULL;
}

static bool attach_datagrams(struct connection *connection)
{
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    BIO *bio = BIO_new_dgram(connection->fd, BIO_NOCLOSE);
    if (!bio || getpeername(connection->fd, (struct sockaddr *)&peer, &size) != 0)
        return false;
    BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &peer);
    SSL_set_bio(connection->ssl, bio, bio);
    return true;
}

bool transport_attach(struct connection *connection)
{
    SSL *ssl = connection->ssl;
    if (connection->options->read_ahead)
        SSL_set_read_ahead(ssl, 1);
    if (connection->options->async)
        SSL_set_mode(ssl, SSL_MODE_ASYNC);
    if (connection->options->nonblocking)
        fcntl(connection->fd, F_SETFL, fcntl(connection->fd, F_GETFL) | O_NONBLOCK);
    if (is_memory(connection)) {
        connection->in = BIO_new(BIO_s_mem());
        connection->out = BIO_new(BIO_s_mem());
        SSL_set_bio(ssl, connection->in, connection->out);
        return true;
    }
    if (connection->options->tls == DTLS1_2_VERSION)
        return attach_datagrams(connection);
    if (transport_is_chain(connection->options))
        return BIO_push(connection->bio, BIO_new_socket(connection->fd, BIO_NOCLOSE)) != NULL;
    if (SSL_set_fd(ssl, connection->fd) != 1)
        return false;
    if (is_driver(connection, "bio")) {
        connection->bio = BIO_new(BIO_f_ssl());
        BIO_set_ssl(connection->bio, ssl, BIO_NOCLOSE);
    }
    return true;
}

static bool wait_for(const struct connection *connection, short events)
{
    struct pollfd fd = {.fd = connection->fd, .events = events};
    return poll(&fd, 1, WAIT_MILLISECONDS) == 1;
}

void transport_flush(struct connection *connection)
{
    char bytes[4096];
    if (!is_memory(connection))
        return;
    for (int length; (length = BIO_read(connection->out, bytes, sizeof bytes)) > 0;)
        for (int done = 0; done < length && wait_for(connection, POLLOUT);) {
            const ssize_t n = send(connection->fd, bytes + done, (size_t)(length - done), MSG_NOSIGNAL);
            if (n <= 0)
                return;
            done += (int)n;
        }
}

/* A few bytes at a time, so that the handshake is resumed in the middle of every message. */
static bool fill(struct connection *connection)
{
    char bytes[97];
    const ssize_t n = wait_for(connection, POLLIN) ? recv(connection->fd, bytes, sizeof bytes, 0) : -1;
    if (n > 0)
        return BIO_write(connection->in, bytes, (int)n) == n;
    BIO_set_mem_eof_return(connection->in, 0);
    return n == 0;
}

void transport_close(struct connection *connection)
{
    char bytes[4096];
    if (connection->options->tls != DTLS1_2_VERSION && !connection->seen.handshake &&
        shutdown(connection->fd, SHUT_WR) == 0)
        while (wait_for(connection, POLLIN) && recv(connection->fd, bytes, sizeof bytes, 0) > 0)
            ;
    close(connection->fd);
}

bool transport_wait(struct connection *connection, int ssl_error)
{
    if (ssl_error == SSL_ERROR_WANT_RETRY_VERIFY)
        return true;
    if (ssl_error != SSL_ERROR_WANT_READ && ssl_error != SSL_ERROR_WANT_WRITE)
        return false;
    if (is_memory(connection))
        return ssl_error == SSL_ERROR_WANT_WRITE || fill(connection);
    if (!connection->options->nonblocking) /* the time for a blocking call is over */
        return false;
    return wait_for(connection, ssl_error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT);
}
