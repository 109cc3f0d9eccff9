/* A TLS server that does what python's can't: early data, pre-shared keys, no certificate at all, another
 * certificate at the second handshake of a connection. It prints `port=N`, then a line for each connection:
 * how its handshake ended, and every application byte that it got.
 */
#include <arpa/inet.h>
#include <getopt.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { DATA_SIZE = 16384 };

struct options {
    const char *certificate, *key;           /* PEM: the chain, the leaf's key */
    const char *then_certificate, *then_key; /* from a connection's second handshake on */
    const char *psk, *greeting;
    int early_data;
};

struct connection {
    int handshakes;
    size_t early, length;
    char data[DATA_SIZE];
};

static struct options options;

static void die(const char *what)
{
    fprintf(stderr, "server: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(2);
}

static void options_parse(int argc, char **argv)
{
    static int early_data;
    const struct option longs[] = {
        {"certificate", 1, NULL, 'c'},     {"key", 1, NULL, 'k'}, {"then-certificate", 1, NULL, 'C'},
        {"then-key", 1, NULL, 'K'},        {"psk", 1, NULL, 'p'}, {"greeting", 1, NULL, 'g'},
        {"early-data", 0, &early_data, 1}, {NULL, 0, NULL, 0},
    };
    for (int option; (option = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        switch (option) {
        case 'c':
            options.certificate = optarg;
            break;
        case 'k':
            options.key = optarg;
            break;
        case 'C':
            options.then_certificate = optarg;
            break;
        case 'K':
            options.then_key = optarg;
            break;
        case 'p':
            options.psk = optarg;
            break;
        case 'g':
            options.greeting = optarg;
            break;
        case 0:
            break;
        default:
            exit(2);
        }
    }
    options.early_data = early_data;
}

/* Called for each handshake of a connection, before its certificate is chosen. */
static int choose_certificate(SSL *ssl, void *argument)
{
    struct connection *connection = SSL_get_app_data(ssl);
    (void)argument;
    if (connection->handshakes++ == 0 || !options.then_certificate)
        return 1;
    return SSL_use_certificate_chain_file(ssl, options.then_certificate) == 1 &&
           SSL_use_PrivateKey_file(ssl, options.then_key, SSL_FILETYPE_PEM) == 1;
}

static unsigned int give_psk(SSL *ssl, const char *identity, unsigned char *psk, unsigned int psk_size)
{
    size_t length = 0;
    (void)ssl;
    (void)identity;
    return OPENSSL_hexstr2buf_ex(psk, psk_size, &length, options.psk, '\0') ? (unsigned int)length : 0;
}

static SSL_CTX *context_new(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx)
        die("no context");
    SSL_CTX_set_options(ctx, SSL_OP_ALLOW_CLIENT_RENEGOTIATION | SSL_OP_NO_ANTI_REPLAY);
    SSL_CTX_clear_options(ctx, SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"server", 6);
    if (SSL_CTX_set_cipher_list(ctx, "ALL:COMPLEMENTOFDEFAULT:@SECLEVEL=0") != 1)
        die("ciphers");
    if (options.certificate && (SSL_CTX_use_certificate_chain_file(ctx, options.certificate) != 1 ||
                                SSL_CTX_use_PrivateKey_file(ctx, options.key, SSL_FILETYPE_PEM) != 1))
        die(options.certificate);
    if (options.psk)
        SSL_CTX_set_psk_server_callback(ctx, give_psk);
    if (options.early_data)
        SSL_CTX_set_max_early_data(ctx, DATA_SIZE);
    SSL_CTX_set_cert_cb(ctx, choose_certificate, NULL);
    return ctx;
}

static int listen_anywhere(void)
{
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 64) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        die("listen");
    printf("port=%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void keep(struct connection *connection, const char *bytes, size_t length)
{
    if (length > DATA_SIZE - connection->length)
        length = DATA_SIZE - connection->length;
    memcpy(connection->data + connection->length, bytes, length);
    connection->length += length;
}

static bool read_early(SSL *ssl, struct connection *connection)
{
    char bytes[4096];
    for (;;) {
        size_t length = 0;
        const int status = SSL_read_early_data(ssl, bytes, sizeof bytes, &length);
        if (status == SSL_READ_EARLY_DATA_ERROR)
            return false;
        keep(connection, bytes, length);
        connection->early += length;
        if (status == SSL_READ_EARLY_DATA_FINISH)
            return true;
    }
}

/* A reply for each line, until the client goes. */
static void converse(SSL *ssl, struct connection *connection)
{
    char bytes[4096];
    if (options.greeting)
        SSL_write(ssl, options.greeting, (int)strlen(options.greeting));
    if (connection->early)
        SSL_write(ssl, "250 early\n", 10);
    for (int n; (n = SSL_read(ssl, bytes, sizeof bytes)) > 0;) {
        keep(connection, bytes, (size_t)n);
        if (bytes[n - 1] == '\n')
            SSL_write(ssl, "250 ok\n", 7);
    }
}

static void report(int number, SSL *ssl, bool ok, const struct connection *connection)
{
    const unsigned long error = ERR_peek_error();
    const char *reason = error ? ERR_reason_error_string(error) : "-";
    printf("connection=%d handshake=%s handshakes=%d reused=%d early=%zu bytes=%zu reason=", number,
           ok ? "ok" : "failed", connection->handshakes, SSL_session_reused(ssl), connection->early,
           connection->length);
    for (const char *c = reason ? reason : "unknown"; *c; c++)
        putchar(*c == ' ' ? '_' : *c);
    printf(" data=");
    for (size_t i = 0; i < connection->length; i++) {
        const char c = connection->data[i];
        putchar(c > ' ' && c < 127 ? c : '_');
    }
    putchar('\n');
    fflush(stdout);
}

static void serve(SSL_CTX *ctx, int fd, int number)
{
    static struct connection connection;
    struct timeval bound = {.tv_sec = 10};
    SSL *ssl = SSL_new(ctx);
    connection = (struct connection){0};
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
    SSL_set_app_data(ssl, &connection);
    SSL_set_fd(ssl, fd);
    SSL_set_accept_state(ssl);
    ERR_clear_error();
    bool ok = !options.early_data || read_early(ssl, &connection);
    ok = ok && SSL_do_handshake(ssl) == 1;
    if (ok)
        converse(ssl, &connection);
    report(number, ssl, ok, &connection);
    (void)SSL_shutdown(ssl);
    SSL_free(ssl);
    close(fd);
}

int main(int argc, char **argv)
{
    options_parse(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    alarm(120); /* never outlives a test by long */
    SSL_CTX *ctx = context_new();
    const int listener = listen_anywhere();
    for (int number = 1;; number++) {
        const int fd = accept(listener, NULL, NULL);
        if (fd >= 0)
            serve(ctx, fd, number);
    }
}
