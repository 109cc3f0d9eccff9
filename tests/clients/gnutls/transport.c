#include "tests/clients/gnutls/kit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/dtls.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int transport_connect(const struct connection *connection)
{
    const struct options *options = connection->options;
    const int port = is_then(connection) && options->then_port ? options->then_port : options->port;
    const int one = 1, fd = socket(AF_INET, options->tls == DTLS_1_2 ? SOCK_DGRAM : SOCK_STREAM, 0);
    struct timeval bound = {.tv_sec = WAIT_MILLISECONDS / 1000};
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    if (fd < 0)
        return -1;
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof bound);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static ssize_t push(gnutls_transport_ptr_t transport, const void *bytes, size_t length)
{
    const struct connection *connection = transport;
    return send(connection->fd, bytes, length, MSG_NOSIGNAL);
}

/* A few bytes at a time, so that the handshake is resumed in the middle of every message. */
static ssize_t pull(gnutls_transport_ptr_t transport, void *bytes, size_t length)
{
    const struct connection *connection = transport;
    if (connection->options->late_names == MOMENT_WAIT && !connection->named) {
        errno = EAGAIN; /* the program gets to say what it says late */
        return -1;
    }
    return recv(connection->fd, bytes, length < 97 ? length : 97, 0);
}

void transport_attach(struct connection *connection)
{
    if (connection->options->nonblocking)
        fcntl(connection->fd, F_SETFL, fcntl(connection->fd, F_GETFL) | O_NONBLOCK);
    if (connection->options->drive == DRIVE_FUNCTIONS) {
        gnutls_transport_set_ptr(connection->session, connection);
        gnutls_transport_set_push_function(connection->session, push);
        gnutls_transport_set_pull_function(connection->session, pull);
    } else {
        gnutls_transport_set_int(connection->session, connection->fd);
    }
    if (connection->options->tls == DTLS_1_2)
        gnutls_dtls_set_timeouts(connection->session, 1000, WAIT_MILLISECONDS);
}

bool transport_wait(struct connection *connection, int error)
{
    struct pollfd fd = {.fd = connection->fd,
                        .events = gnutls_record_get_direction(connection->session) ? POLLOUT : POLLIN};
    if (error >= 0 || gnutls_error_is_fatal(error) || ++connection->waits > 1000)
        return false;
    return error != GNUTLS_E_AGAIN ||
           (connection->options->late_names == MOMENT_WAIT && !connection->named) ||
           poll(&fd, 1, WAIT_MILLISECONDS) == 1;
}

/* What was sent arrives: a socket that is closed with bytes unread resets the connection, alert and all. */
void transport_close(struct connection *connection)
{
    char bytes[4096];
    struct pollfd fd = {.fd = connection->fd, .events = POLLIN};
    if (connection->options->tls != DTLS_1_2 && shutdown(connection->fd, SHUT_WR) == 0)
        while (poll(&fd, 1, WAIT_MILLISECONDS) == 1 && recv(connection->fd, bytes, sizeof bytes, 0) > 0)
            ;
    close(connection->fd);
}
