/* What a connection costs in memory: CONNECTIONS of them in one process, after a full handshake each with a
 * server in the same process whose end is freed at once. Prints the private memory of the process in KiB, and
 * what a connection added to it and to the heap, in bytes.
 *
 * usage: memory CERTIFICATE KEY CAFILE HOST CONNECTIONS
 * Status: 0, 1 where a handshake failed or nothing can be measured, 2 usage.
 */
#include <malloc.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WARM_UP = 100 }; /* connections before the first look: what a process needs once */

static long private_kib(void)
{
    static char line[256];
    long kib = -1;
    FILE *file = fopen("/proc/self/smaps_rollup", "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "Private_Dirty:", 14) == 0)
            kib = strtol(line + 14, NULL, 10);
    if (file)
        (void)fclose(file);
    return kib;
}

static SSL_CTX *server_new(const char *certificate, const char *key)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx || SSL_CTX_use_certificate_chain_file(ctx, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1 || SSL_CTX_set_num_tickets(ctx, 0) != 1)
        exit(1);
    return ctx;
}

static SSL_CTX *client_new(const char *ca_file)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    if (!ctx || SSL_CTX_load_verify_locations(ctx, ca_file, NULL) != 1)
        exit(1);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    return ctx;
}

/* The two ends of a pair speak over a BIO pair. Only the client's is returned; NULL where a step failed. */
static SSL *connection_new(SSL_CTX *client_ctx, SSL_CTX *server_ctx, const char *host)
{
    BIO *client_bio, *server_bio;
    SSL *client = SSL_new(client_ctx), *server = SSL_new(server_ctx);
    if (!client || !server || !BIO_new_bio_pair(&client_bio, 0, &server_bio, 0))
        return NULL;
    SSL_set_bio(client, client_bio, client_bio);
    SSL_set_bio(server, server_bio, server_bio);
    SSL_set_connect_state(client);
    SSL_set_accept_state(server);
    if (!SSL_set_tlsext_host_name(client, host) || !SSL_set1_host(client, host))
        return NULL;
    for (int i = 0; i < 4 && !(SSL_is_init_finished(client) && SSL_is_init_finished(server)); i++) {
        (void)SSL_do_handshake(client);
        (void)SSL_do_handshake(server);
    }
    const bool done = SSL_is_init_finished(client) && SSL_is_init_finished(server);
    SSL_free(server);
    SSL_set_bio(client, NULL, NULL); /* their buffers are the benchmark's */
    return done ? client : NULL;
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return 2;
    SSL_CTX *server = server_new(argv[1], argv[2]), *client = client_new(argv[3]);
    const long connections = strtol(argv[5], NULL, 10);
    long kib = 0;
    size_t heap = 0;
    for (long i = 0; i < connections; i++) {
        if (i == WARM_UP) {
            kib = private_kib();
            heap = mallinfo2().uordblks;
        }
        if (!connection_new(client, server, argv[4]))
            return 1; /* kept until the process ends */
    }
    const long measured = connections - WARM_UP, all_kib = private_kib();
    if (measured < 1 || kib < 0 || all_kib < 0)
        return 1;
    printf("%ld %ld %ld\n", all_kib, (all_kib - kib) * 1024 / measured,
           (long)(mallinfo2().uordblks - heap) / measured);
    return 0;
}
