#include "tests/clients/server/server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* Who is listened to, and the threads in which they are served. */

enum { THREADS = 256 };

static struct {
    SSL_CTX *ctx;
    int listeners[2]; /* the second greets */
    int accepted, running;
    pthread_t threads[THREADS];
} server;

void die(const char *what)
{
    fprintf(stderr, "server: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(2);
}

static int listen_anywhere(int *port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 128) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        die("listen");
    *port = ntohs(address.sin_port);
    return fd;
}

static void *serve_client(void *argument)
{
    struct connection *connection = argument;
    struct timeval bound = {.tv_sec = WAIT_SECONDS};
    SSL *ssl = SSL_new(server.ctx);
    (void)setsockopt(connection->fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
    if (!ssl || SSL_set_fd(ssl, connection->fd) != 1)
        die("no connection");
    serve(ssl, connection);
    close(connection->fd);
    free(connection);
    return NULL;
}

static void join_all(void)
{
    while (server.running > 0)
        pthread_join(server.threads[--server.running], NULL);
}

/* Everyone who waits at this listener. */
static void accept_all(int listener, bool greets)
{
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;) {
        struct connection *connection = calloc(1, sizeof *connection);
        if (!connection)
            die("no memory");
        connection->number = ++server.accepted;
        connection->fd = fd;
        connection->greets = greets;
        if (server.running == THREADS)
            join_all();
        if (pthread_create(&server.threads[server.running++], NULL, serve_client, connection) != 0)
            die("no thread");
    }
}

static void accept_at_all(void)
{
    if (options.datagrams)
        return;
    accept_all(server.listeners[0], false);
    accept_all(server.listeners[1], true);
}

/* False at the end of the commands. */
static bool obey(void)
{
    char bytes[64];
    if (read(STDIN_FILENO, bytes, sizeof bytes) <= 0)
        return false;
    accept_at_all();
    join_all();
    puts("synced");
    fflush(stdout);
    return true;
}

static void serve_streams(void)
{
    int ports[2];
    for (int i = 0; i < 2; i++)
        server.listeners[i] = listen_anywhere(&ports[i]);
    printf("port=%d greeting_port=%d\n", ports[0], ports[1]);
    fflush(stdout);
    struct pollfd fds[] = {{.fd = server.listeners[0], .events = POLLIN},
                           {.fd = server.listeners[1], .events = POLLIN},
                           {.fd = options.commands ? STDIN_FILENO : -1, .events = POLLIN}};
    while (poll(fds, 3, -1) > 0) {
        accept_at_all();
        if (fds[2].revents && !obey())
            return;
    }
}

static void serve_datagrams(void)
{
    int port, number = 0;
    const int fd = datagram_listen(&port);
    printf("port=%d greeting_port=%d\n", port, port);
    fflush(stdout);
    do
        datagram_serve(server.ctx, fd, STDIN_FILENO, &number);
    while (obey());
}

int main(int argc, char **argv)
{
    options_parse(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    if (!options.commands)
        alarm(120); /* never outlives a test by long */
    server.ctx = context_new();
    if (options.datagrams)
        serve_datagrams();
    else
        serve_streams();
    SSL_CTX_free(server.ctx);
    return 0;
}
