/* A small HTTPS client over OpenSSL with a blocking socket: blocking HOST PORT CAFILE
 *
 * It pins nothing by itself. Run it under `pinshim run`, and SSL_connect fails where the policy says so, as
 * it would for any certificate that OpenSSL rejects.
 */
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int connect_to(const char *host, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses;
    int fd = -1;
    if (getaddrinfo(host, port, &hints, &addresses) != 0)
        return -1;
    for (const struct addrinfo *a = addresses; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(addresses);
    return fd;
}

/* The server must show a certificate for HOST that leads to a root in CAFILE. */
static SSL *new_connection(SSL_CTX *context, const char *host, const char *cafile)
{
    if (SSL_CTX_load_verify_locations(context, cafile, NULL) != 1)
        return NULL;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL *ssl = SSL_new(context);
    if (ssl && SSL_set_tlsext_host_name(ssl, host) == 1 && SSL_set1_host(ssl, host) == 1)
        return ssl;
    SSL_free(ssl);
    return NULL;
}

/* 0: the answer was printed. */
static int get(SSL *ssl, const char *host)
{
    char text[4096];
    const int length = snprintf(text, sizeof text, "GET / HTTP/1.0\r\nHost: %s\r\n\r\n", host);
    if (SSL_connect(ssl) != 1 || SSL_write(ssl, text, length) != length)
        return 1;
    for (int n; (n = SSL_read(ssl, text, sizeof text)) > 0;)
        fwrite(text, 1, (size_t)n, stdout);
    SSL_shutdown(ssl);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s HOST PORT CAFILE\n", argv[0]);
        return 2;
    }
    int status = 1;
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = context ? new_connection(context, argv[1], argv[3]) : NULL;
    const int fd = ssl ? connect_to(argv[1], argv[2]) : -1;
    if (ssl && fd < 0)
        fprintf(stderr, "%s: can't connect to port %s\n", argv[1], argv[2]);
    if (fd >= 0 && SSL_set_fd(ssl, fd) == 1)
        status = get(ssl, argv[1]);
    if (ssl && SSL_get_verify_result(ssl) != X509_V_OK)
        fprintf(stderr, "%s: %s\n", argv[1], X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
    ERR_print_errors_fp(stderr);
    SSL_free(ssl);
    SSL_CTX_free(context);
    if (fd >= 0)
        close(fd);
    return status;
}
