/* A client that verifies nothing and calls OpenSSL by pointers alone, whichever way it comes to them; and
 * sets all that could stand in the library's way by them.
 *
 * usage: pointers WAY PORT NAME: WAY is
 *   initialised  pointers in its data, which dyld has bound (not where it isn't linked to OpenSSL: UNLINKED)
 *   handle       dlsym with the handle of libssl and of libcrypto
 *   default, next, self    dlsym with RTLD_DEFAULT, RTLD_NEXT, RTLD_SELF
 * It prints what is read, and "failed", with the status 1, where the handshake fails.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FUNCTIONS                                                                                            \
    F(TLS_client_method)                                                                                     \
    F(SSL_CTX_new)                                                                                           \
    F(SSL_CTX_set_verify)                                                                                    \
    F(SSL_CTX_set_cert_verify_callback)                                                                      \
    F(SSL_new)                                                                                               \
    F(SSL_set_fd)                                                                                            \
    F(SSL_ctrl)                                                                                              \
    F(SSL_set_info_callback)                                                                                 \
    F(SSL_connect)                                                                                           \
    F(SSL_write)                                                                                             \
    F(SSL_read)                                                                                              \
    F(SSL_free)                                                                                              \
    F(SSL_CTX_free)

static struct {
#define F(name) __typeof__(&(name)) name;
    FUNCTIONS
#undef F
} functions
#ifndef UNLINKED
    =
        {
#define F(name) .name = name,
            FUNCTIONS
#undef F
}
#endif
;

static const char names[] =
#define F(name) #name "\0"
    FUNCTIONS;
#undef F

static void *look_up(const char *way, const char *name)
{
    if (strcmp(way, "default") == 0)
        return dlsym(RTLD_DEFAULT, name);
    if (strcmp(way, "next") == 0)
        return dlsym(RTLD_NEXT, name);
    if (strcmp(way, "self") == 0)
        return dlsym(RTLD_SELF, name);
    return dlsym(dlopen("libssl.3.dylib", RTLD_LAZY), name);
}

static void find(const char *way)
{
    void **function = (void **)&functions;
    if (!dlopen("libssl.3.dylib", RTLD_LAZY))
        exit(2);
    for (const char *name = names; *name; name += strlen(name) + 1, function++)
        if (!(*function = look_up(way, name))) {
            fprintf(stderr, "pointers: %s: %s\n", name, dlerror());
            exit(2);
        }
}

static int connected(const char *port)
{
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)atoi(port)),
                                        .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        exit(3);
    return fd;
}

static int accept_unseen(X509_STORE_CTX *ctx, void *argument)
{
    (void)ctx, (void)argument;
    return 1;
}

static void look_on(const SSL *ssl, int where, int value)
{
    (void)ssl, (void)where, (void)value;
}

static SSL *make(SSL_CTX *ctx, int fd, char *name)
{
    functions.SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    functions.SSL_CTX_set_cert_verify_callback(ctx, accept_unseen, NULL);
    SSL *ssl = functions.SSL_new(ctx);
    functions.SSL_set_fd(ssl, fd);
    functions.SSL_set_info_callback(ssl, look_on);
    functions.SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name);
    return ssl;
}

int main(int argc, char **argv)
{
    char reply[256];
    if (argc < 4)
        return 2;
    if (strcmp(argv[1], "initialised") != 0)
        find(argv[1]);
    alarm(60);
    SSL_CTX *ctx = functions.SSL_CTX_new(functions.TLS_client_method());
    SSL *ssl = make(ctx, connected(argv[2]), argv[3]);
    const int ok = functions.SSL_connect(ssl) == 1 && functions.SSL_write(ssl, "secret.1\n", 9) == 9;
    const int length = ok ? functions.SSL_read(ssl, reply, sizeof reply) : 0;
    printf("%.*s", length > 0 ? length : 0, reply);
    puts(length > 0 ? "" : "failed");
    functions.SSL_free(ssl);
    functions.SSL_CTX_free(ctx);
    return length > 0 ? 0 : 1;
}
