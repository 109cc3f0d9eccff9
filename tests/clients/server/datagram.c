#include "tests/clients/server/server.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

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

struct sender {
    struct sockaddr_in address;
    int fd, until;
};

/* Whose datagram is the next. */
static bool peek_address(int fd, struct sockaddr_in *address)
{
    char byte;
    socklen_t size = sizeof *address;
    return recvfrom(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, (struct sockaddr *)address, &size) >= 0;
}

/* Before a read: waits for the sender's next datagram. However slow he is, his alert is heard: he is gone
 * once another sends, or once it is said that nobody does. */
static long wait_for_sender(BIO *bio, int operation, const char *bytes, size_t length, int argi, long argl,
                            int result, size_t *processed)
{
    const struct sender *sender = (const struct sender *)BIO_get_callback_arg(bio);
    struct sockaddr_in next;
    (void)bytes, (void)length, (void)argi, (void)argl, (void)processed;
    if (operation != BIO_CB_READ)
        return result;
    struct pollfd fds[] = {{.fd = sender->fd, .events = POLLIN}, {.fd = sender->until, .events = POLLIN}};
    return poll(fds, 2, -1) > 0 && peek_address(sender->fd, &next) &&
           next.sin_port == sender->address.sin_port;
}

static void serve_sender(SSL_CTX *ctx, int fd, int until, int number)
{
    struct connection *connection = calloc(1, sizeof *connection);
    struct sender sender = {.fd = fd, .until = until};
    BIO *bio = BIO_new_dgram(fd, BIO_NOCLOSE);
    SSL *ssl = SSL_new(ctx);
    if (!connection || !bio || !ssl || !peek_address(fd, &sender.address))
        die("datagrams");
    connection->number = number;
    connection->fd = fd;
    BIO_set_callback_arg(bio, (char *)&sender);
    BIO_set_callback_ex(bio, wait_for_sender);
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
            serve_sender(ctx, fd, until, ++*number);
        else
            (void)recv(fd, start, sizeof start, MSG_DONTWAIT); /* of a connection that is over */
    }
}
