/* A connection to a server of the tests. */
#ifndef PINSHIM_TESTS_CLIENTS_LOOPBACK_H
#define PINSHIM_TESTS_CLIENTS_LOOPBACK_H

#include <arpa/inet.h>
#include <sys/socket.h>

/* A descriptor, or -1 with errno. */
static inline int loopback_connect(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

#endif
