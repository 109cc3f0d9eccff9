/* A client that has no descriptor left but those it opened before: it connects first, uses the others up, and
 * then shakes hands.
 *
 * crowded PORT CA NAME: for each line on stdin a connection, made when the line comes;
 * `full` uses every descriptor up before the handshake, `free` none. Prints `connected` or `refused`.
 */
#include "tests/clients/loopback.h"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { DESCRIPTORS = 1024, PATIENCE = 60 /* seconds */ };

static size_t use_up(int used[DESCRIPTORS])
{
    size_t count = 0;
    while (count < DESCRIPTORS && (used[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        count++;
    return count;
}

static bool talk(SSL *ssl, const char *name)
{
    static const char secret[] = "secret.1\n";
    char reply[256];
    SSL_set_tlsext_host_name(ssl, name);
    SSL_set1_host(ssl, name);
    const bool connected = SSL_connect(ssl) == 1;
    const bool sent = SSL_write(ssl, secret, sizeof secret - 1) == sizeof secret - 1;
    return connected && sent && SSL_read(ssl, reply, sizeof reply) > 0 && SSL_shutdown(ssl) >= 0;
}

static bool connect_once(SSL_CTX *ctx, int port, const char *name, bool full)
{
    int used[DESCRIPTORS];
    const int fd = loopback_connect(port);
    SSL *ssl = SSL_new(ctx);
    SSL_set_fd(ssl, fd);
    const size_t count = full ? use_up(used) : 0;
    const bool connected = talk(ssl, name);
    for (size_t i = 0; i < count; i++)
        close(used[i]);
    SSL_free(ssl);
    close(fd);
    return connected;
}

int main(int argc, char **argv)
{
    const struct rlimit limit = {DESCRIPTORS, DESCRIPTORS};
    char line[64];
    if (argc != 4 || setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 2;
    alarm(PATIENCE);
    signal(SIGPIPE, SIG_IGN);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (SSL_CTX_load_verify_file(ctx, argv[2]) != 1)
        return 2;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    while (fgets(line, sizeof line, stdin)) {
        const bool connected = connect_once(ctx, atoi(argv[1]), argv[3], strcmp(line, "full\n") == 0);
        puts(connected ? "connected" : "refused");
        fflush(stdout);
    }
    SSL_CTX_free(ctx);
    return 0;
}
