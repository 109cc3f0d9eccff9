/* libSystem's sockets and look-ups: a sockaddr begins with its length, families, levels, options and flags
 * have other numbers. So do the functions of libcrypto that take a sockaddr. */
#include "tests/macos/loader/image.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

enum { DARWIN_AF_INET6 = 30, DARWIN_SOL_SOCKET = 0xffff, DESCRIPTORS_MOST = 4096 };

static bool no_signal[DESCRIPTORS_MOST]; /* SO_NOSIGPIPE */

static int family_to_linux(int family)
{
    return family == DARWIN_AF_INET6 ? AF_INET6 : family;
}

static int family_to_darwin(int family)
{
    return family == AF_INET6 ? DARWIN_AF_INET6 : family;
}

/* Length and family are what differs; a path may be shorter by some bytes. */
static socklen_t address_to_linux(struct sockaddr_storage *to, const void *from, socklen_t size)
{
    const unsigned char *bytes = from;
    const size_t most = size < sizeof *to ? size : sizeof *to;
    memset(to, 0, sizeof *to);
    memcpy(to, from, most);
    to->ss_family = (sa_family_t)family_to_linux(bytes[1]);
    return to->ss_family == AF_UNIX && most > sizeof(struct sockaddr_un) ? sizeof(struct sockaddr_un)
                                                                         : (socklen_t)most;
}

static void address_to_darwin(void *address, socklen_t size)
{
    unsigned char *bytes = address;
    sa_family_t family;
    if (size < sizeof family)
        return;
    memcpy(&family, address, sizeof family);
    bytes[0] = (unsigned char)size;
    bytes[1] = (unsigned char)family_to_darwin(family);
}

static int make_socket(int family, int type, int protocol)
{
    const int fd = socket(family_to_linux(family), type, protocol);
    if (fd >= 0 && fd < DESCRIPTORS_MOST)
        no_signal[fd] = false;
    return fd;
}

static int connect_socket(int fd, const void *address, socklen_t size)
{
    struct sockaddr_storage to;
    size = address_to_linux(&to, address, size);
    return connect(fd, (struct sockaddr *)&to, size);
}

static int peer_of(int fd, void *address, socklen_t *size)
{
    const socklen_t room = *size;
    const int result = getpeername(fd, address, size);
    if (result == 0)
        address_to_darwin(address, *size < room ? *size : room);
    return result;
}

static int set_time(int fd, int option, const void *value)
{
    struct darwin_time {
        long seconds;
        int microseconds;
    } from;
    memcpy(&from, value, sizeof from);
    const struct timeval time = {from.seconds, from.microseconds};
    return setsockopt(fd, SOL_SOCKET, option, &time, sizeof time);
}

static int set_option(int fd, int level, int option, const void *value, socklen_t size)
{
    enum { DARWIN_SO_SNDTIMEO = 0x1005, DARWIN_SO_RCVTIMEO = 0x1006, DARWIN_SO_NOSIGPIPE = 0x1022 };
    if (level != DARWIN_SOL_SOCKET)
        return setsockopt(fd, level, option, value, size);
    if (option == DARWIN_SO_RCVTIMEO || option == DARWIN_SO_SNDTIMEO)
        return set_time(fd, option == DARWIN_SO_RCVTIMEO ? SO_RCVTIMEO : SO_SNDTIMEO, value);
    if (option == DARWIN_SO_NOSIGPIPE && fd >= 0 && fd < DESCRIPTORS_MOST) {
        no_signal[fd] = *(const int *)value != 0;
        return 0;
    }
    errno = ENOPROTOOPT;
    return -1;
}

static int flags_to_linux(int fd, int flags)
{
    enum { DARWIN_WAITALL = 0x40, DARWIN_DONTWAIT = 0x80, DARWIN_NOSIGNAL = 0x80000 };
    const bool silent = flags & DARWIN_NOSIGNAL || (fd >= 0 && fd < DESCRIPTORS_MOST && no_signal[fd]);
    return (flags & MSG_PEEK) | (flags & DARWIN_WAITALL ? MSG_WAITALL : 0) |
           (flags & DARWIN_DONTWAIT ? MSG_DONTWAIT : 0) | (silent ? MSG_NOSIGNAL : 0);
}

static ssize_t send_bytes(int fd, const void *bytes, size_t length, int flags)
{
    return send(fd, bytes, length, flags_to_linux(fd, flags));
}

static ssize_t receive_bytes(int fd, void *bytes, size_t length, int flags)
{
    return recv(fd, bytes, length, flags_to_linux(fd, flags));
}

struct darwin_message {
    void *name;
    socklen_t name_size;
    struct iovec *parts;
    int part_count;
    void *control;
    socklen_t control_size;
    int flags;
};

static ssize_t send_message(int fd, const struct darwin_message *message, int flags)
{
    struct sockaddr_storage to;
    const struct msghdr all = {
        .msg_namelen = message->name ? address_to_linux(&to, message->name, message->name_size) : 0,
        .msg_name = message->name ? &to : NULL,
        .msg_iov = message->parts,
        .msg_iovlen = (size_t)message->part_count,
    };
    return sendmsg(fd, &all, flags_to_linux(fd, flags));
}

static int peer_user(int fd, uid_t *user, gid_t *group)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    const int result = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
    if (result == 0)
        *user = peer.uid, *group = peer.gid;
    return result;
}

/* <netdb.h> of Darwin has canonical name and address the other way round, and other flags. */
static void swap(struct addrinfo *one)
{
    void *address = one->ai_addr;
    one->ai_addr = (struct sockaddr *)(void *)one->ai_canonname;
    one->ai_canonname = address;
}

static int address_flags(int flags)
{
    enum { DARWIN_ADDRCONFIG = 0x400, DARWIN_NUMERICSERV = 0x1000 };
    return (flags & (AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST)) |
           (flags & DARWIN_ADDRCONFIG ? AI_ADDRCONFIG : 0) |
           (flags & DARWIN_NUMERICSERV ? AI_NUMERICSERV : 0);
}

static int look_up(const char *node, const char *service, const struct addrinfo *hints,
                   struct addrinfo **list)
{
    struct addrinfo to = {0};
    if (hints) {
        to = *hints;
        to.ai_flags = address_flags(hints->ai_flags);
        to.ai_family = family_to_linux(hints->ai_family);
    }
    const int result = getaddrinfo(node, service, hints ? &to : NULL, list);
    for (struct addrinfo *one = result == 0 ? *list : NULL; one; one = one->ai_next) {
        one->ai_family = family_to_darwin(one->ai_family);
        address_to_darwin(one->ai_addr, one->ai_addrlen);
        swap(one);
    }
    return result;
}

static void free_list(struct addrinfo *list)
{
    for (struct addrinfo *one = list; one; one = one->ai_next)
        swap(one);
    freeaddrinfo(list);
}

static struct hostent *host_to_darwin(struct hostent *host)
{
    if (host)
        host->h_addrtype = family_to_darwin(host->h_addrtype);
    return host;
}

static struct hostent *look_up_host(const char *name)
{
    return host_to_darwin(gethostbyname(name));
}

static struct hostent *look_up_host2(const char *name, int family)
{
    return host_to_darwin(gethostbyname2(name, family_to_linux(family)));
}

static int read_address(int family, const char *text, void *address)
{
    return inet_pton(family_to_linux(family), text, address);
}

static __typeof__(&BIO_ctrl) bio_control;

static long control_bio(BIO *bio, int command, long number, void *argument)
{
    struct sockaddr_storage to;
    const bool takes_address = command == BIO_CTRL_DGRAM_SET_CONNECTED || command == BIO_CTRL_DGRAM_CONNECT ||
                               command == BIO_CTRL_DGRAM_SET_PEER;
    if (takes_address && argument) {
        address_to_linux(&to, argument, *(unsigned char *)argument);
        argument = &to;
    }
    return bio_control(bio, command, number, argument);
}

void *control_bio_of(void *elf)
{
    __typeof__(&BIO_ctrl) found = __extension__(__typeof__(&BIO_ctrl)) dlsym(elf, "BIO_ctrl");
    if (!bio_control)
        bio_control = found;
    return __extension__(void *)(found == bio_control ? control_bio : found);
}

const struct adapter adapters_sockets[] = {
#define ADAPTER(name, function)                                                                              \
    {                                                                                                        \
        name, __extension__(void *) function                                                                 \
    }
    ADAPTER("socket", make_socket),
    ADAPTER("connect", connect_socket),
    ADAPTER("getpeername", peer_of),
    ADAPTER("setsockopt", set_option),
    ADAPTER("send", send_bytes),
    ADAPTER("recv", receive_bytes),
    ADAPTER("sendmsg", send_message),
    ADAPTER("getpeereid", peer_user),
    ADAPTER("getaddrinfo", look_up),
    ADAPTER("freeaddrinfo", free_list),
    ADAPTER("gethostbyname", look_up_host),
    ADAPTER("shutdown", shutdown),
    ADAPTER("inet_pton", read_address),
    ADAPTER("gethostbyname2", look_up_host2),
    {"", NULL},
};
