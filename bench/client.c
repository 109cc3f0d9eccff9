/* A TLS client to be counted: handshakes with a server on this machine, each verified for HOST, then a
 * request that is read to its end; or one handshake and PAIRS of a write and a read that finds nothing.
 *
 * usage: client PORT HOST CAFILE HANDSHAKES [PAIRS]
 * Status: 0 all succeeded, 1 one failed, 2 usage.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char request[] = "GET / HTTP/1.0\r\n\r\n";

static int connect_to(const char *port)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)},
    };
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        exit(1);
    return fd;
}

static bool fetch(SSL *ssl)
{
    char bytes[4096];
    if (SSL_write(ssl, request, sizeof request - 1) != sizeof request - 1)
        return false;
    while (SSL_read(ssl, bytes, sizeof bytes) > 0)
        ;
    return true;
}

/* All writes first, so that the reads are all of one kind. */
static bool exchange(SSL *ssl, long pairs)
{
    char bytes[64] = "x";
    for (long i = 0; i < pairs; i++)
        if (SSL_write(ssl, bytes, sizeof bytes) != sizeof bytes)
            return false;
    if (fcntl(SSL_get_fd(ssl), F_SETFL, O_NONBLOCK) != 0)
        return false;
    for (long i = 0; i < pairs; i++)
        if (SSL_read(ssl, bytes, sizeof bytes) > 0)
            return false;
    return true;
}

/* The whole life of a connection: this is counted, and must stay a function. */
__attribute__((noipa)) static bool shake_hands(SSL_CTX *ctx, const char *port, const char *host, long pairs)
{
    const int fd = connect_to(port);
    SSL *ssl = SSL_new(ctx);
    const bool ok = ssl && SSL_set_fd(ssl, fd) && SSL_set_tlsext_host_name(ssl, host) &&
                    SSL_set1_host(ssl, host) && SSL_connect(ssl) == 1 &&
                    (pairs ? exchange(ssl, pairs) : fetch(ssl));
    SSL_free(ssl);
    (void)close(fd);
    return ok;
}

int main(int argc, char **argv)
{
    if (argc != 5 && argc != 6)
        return 2;
    const char *port = argv[1], *host = argv[2], *ca_file = argv[3];
    const long handshakes = strtol(argv[4], NULL, 10), pairs = argc == 6 ? strtol(argv[5], NULL, 10) : 0;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (!ctx || !SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) ||
        !SSL_CTX_load_verify_locations(ctx, ca_file, NULL))
        return 1;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    bool ok = true;
    for (long i = 0; i < handshakes; i++)
        ok &= shake_hands(ctx, port, host, pairs);
    SSL_CTX_free(ctx);
    return ok ? 0 : 1;
}
