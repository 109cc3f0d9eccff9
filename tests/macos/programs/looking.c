/* A client that tells nobody whom it means: it looks a name up, connects to its address, and verifies
 * nothing.
 *
 * usage: looking FUNCTION PORT NAME: FUNCTION is getaddrinfo or gethostbyname
 * It prints what is read, and "failed", with the status 1, where the handshake fails.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int by_getaddrinfo(const char *port, const char *name)
{
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found;
    if (getaddrinfo(name, port, &hints, &found) != 0)
        exit(2);
    const int fd = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    const int status = connect(fd, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    return status == 0 ? fd : -1;
}

static int by_gethostbyname(const char *port, const char *name)
{
    const struct hostent *host = gethostbyname(name);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (!host || host->h_addrtype != AF_INET)
        exit(2);
    memcpy(&address.sin_addr, host->h_addr_list[0], sizeof address.sin_addr);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

int main(int argc, char **argv)
{
    char reply[256];
    if (argc < 4)
        return 2;
    alarm(60);
    const int fd = strcmp(argv[1], "getaddrinfo") == 0 ? by_getaddrinfo(argv[2], argv[3])
                                                       : by_gethostbyname(argv[2], argv[3]);
    if (fd < 0)
        return 3;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, fd);
    const int ok = SSL_connect(ssl) == 1 && SSL_write(ssl, "secret.1\n", 9) == 9;
    const int length = ok ? SSL_read(ssl, reply, sizeof reply) : 0;
    printf("%.*s", length > 0 ? length : 0, reply);
    puts(length > 0 ? "" : "failed");
    SSL_free(ssl);
    SSL_CTX_free(ctx);
    return length > 0 ? 0 : 1;
}
