#include "tests/clients/server/server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

int datagram_listen(int *port)
{
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        die("bind");
    *port = ntohs(address.sin_port);
    return fd;
}

/* Until he goes; nobody else sends meanwhile. */
static void serve_sender(SSL_CTX *ctx, int fd, int number)
{
    struct connection *connection = calloc(1, sizeof *connection);
    struct timeval bound = {.tv_sec = 2};
    BIO *bio = BIO_new_dgram(fd, BIO_NOCLOSE);
    SSL *ssl = SSL_new(ctx);
    if (!connection || !bio || !ssl)
        die("datagrams");
    connection->number = number;
    connection->fd = fd;
    BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_RECV_TIMEOUT, 0, &bound);
    SSL_set_bio(ssl, bio, bio);
    serve(ssl, connection);
    free(connection);
}

/* A datagram that starts a connection: a handshake message in a record of epoch 0. */
static bool is_hello(const unsigned char *bytes, ssize_t length)
{
    return length > 13 && bytes[0] == 22 && bytes[3] == 0 && bytes[4] == 0 && bytes[13] == 1;
}

void datagram_serve(SSL_CTX *ctx, int fd, int until, int *number)
{
    struct pollfd fds[] = {{.fd = fd, .events = POLLIN}, {.fd = until, .events = POLLIN}};
    while (poll(fds, 2, -1) > 0 && (fds[0].revents || !fds[1].revents)) {
        unsigned char start[16];
        if (is_hello(start, recv(fd, start, sizeof start, MSG_PEEK | MSG_DONTWAIT)))
            serve_sender(ctx, fd, ++*number);
        else
            (void)recv(fd, start, sizeof start, MSG_DONTWAIT); /* of a connection that is over */
    }
}
