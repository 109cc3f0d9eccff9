/* org.freedesktop.Notifications.Notify (Desktop Notifications Specification 1.2) over the session's bus, in
 * the least of the D-Bus protocol that does it (D-Bus Specification, "Message Protocol", "Authentication
 * Protocol"). The bus is the one that systemd gives each user: no address is taken from the program's
 * environment. */
#include "shim/desktop.h"

#include "config/call_linux.h"
#include "config/file_facts.h"
#include "shim/system.h"
#include "shim/text.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    TALK_SIZE = 2048, /* all that is sent */
    PATIENCE = 1,     /* seconds */
    HEADER_SIZE = 16, /* of a message: its fixed part and the length of its fields */
};

enum message_type { METHOD_CALL = 1, METHOD_RETURN = 2, ERROR = 3 };
enum header_field { PATH = 1, INTERFACE = 2, MEMBER = 3, DESTINATION = 6, SIGNATURE = 8 };

struct call {
    const char *destination, *path, *interface, *member, *signature; /* "": no body */
    uint32_t serial;
};

static bool bus_address(struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    struct text path = text_over(address->sun_path, sizeof address->sun_path);
    text_add(&path, "/run/user/");
    text_add_number(&path, system_uid(), 1);
    text_add(&path, "/bus");
    return text_end(&path);
}

bool desktop_is_there(void)
{
    struct sockaddr_un address;
    struct file_facts facts;
    return bus_address(&address) && file_facts_at(address.sun_path, &facts) && !facts.regular &&
           !facts.folder && facts.owner == system_uid();
}

/* Types of the wire format; `start` is where the message, or its body, begins in the text. */

static void align(struct text *text, size_t start, size_t boundary)
{
    while ((text->length - start) % boundary && !text->cut)
        text_add_char(text, '\0');
}

static void add_u32(struct text *text, size_t start, uint32_t number)
{
    align(text, start, sizeof number);
    text_add_bytes(text, (const char *)&number, sizeof number);
}

static void set_u32(const struct text *text, size_t at, size_t number)
{
    const uint32_t value = (uint32_t)number;
    if (!text->cut)
        memcpy(text->start + at, &value, sizeof value);
}

static void add_string(struct text *text, size_t start, const char *string)
{
    add_u32(text, start, (uint32_t)strlen(string));
    text_add_bytes(text, string, strlen(string) + 1);
}

static void add_signature(struct text *text, const char *signature)
{
    text_add_char(text, (char)strlen(signature));
    text_add_bytes(text, signature, strlen(signature) + 1);
}

static void add_field(struct text *text, size_t start, enum header_field field, const char *type,
                      const char *value)
{
    align(text, start, 8);
    text_add_char(text, (char)field);
    add_signature(text, type);
    if (*type == 'g')
        add_signature(text, value);
    else
        add_string(text, start, value);
}

/* The header; returns where the body's length is to be set. */
static size_t add_header(struct text *text, const struct call *call)
{
    const size_t start = text->length;
    text_add_char(text, __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B');
    text_add_char(text, METHOD_CALL);
    text_add_char(text, 0); /* flags */
    text_add_char(text, 1); /* the protocol's version */
    const size_t body_length = text->length;
    add_u32(text, start, 0);
    add_u32(text, start, call->serial);
    const size_t fields_length = text->length;
    add_u32(text, start, 0);
    const size_t fields = text->length;
    add_field(text, start, PATH, "o", call->path);
    add_field(text, start, INTERFACE, "s", call->interface);
    add_field(text, start, MEMBER, "s", call->member);
    add_field(text, start, DESTINATION, "s", call->destination);
    if (call->signature[0])
        add_field(text, start, SIGNATURE, "g", call->signature);
    set_u32(text, fields_length, text->length - fields);
    align(text, start, 8);
    return body_length;
}

static void add_hello(struct text *text)
{
    static const struct call hello = {
        "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "Hello", "", 1};
    (void)add_header(text, &hello);
}

static void add_notify(struct text *text, const char *title, const char *line)
{
    static const struct call notify = {"org.freedesktop.Notifications",
                                       "/org/freedesktop/Notifications",
                                       "org.freedesktop.Notifications",
                                       "Notify",
                                       "susssasa{sv}i",
                                       2};
    const size_t body_length = add_header(text, &notify), body = text->length;
    add_string(text, body, "pinshim");
    add_u32(text, body, 0); /* replaces none */
    add_string(text, body, "security-low");
    add_string(text, body, title);
    add_string(text, body, line);
    add_u32(text, body, 0);            /* no actions */
    add_u32(text, body, 0);            /* no hints */
    align(text, body, 8);              /* even an empty list of pairs is aligned as they are */
    add_u32(text, body, (uint32_t)-1); /* for as long as the desktop thinks right */
    set_u32(text, body_length, text->length - body);
}

static void add_authentication(struct text *text)
{
    char user[21];
    struct text decimal = text_over(user, sizeof user);
    text_add_number(&decimal, system_uid(), 1);
    (void)text_end(&decimal);
    text_add_char(text, '\0');
    text_add(text, "AUTH EXTERNAL ");
    for (const char *c = user; *c; c++) {
        text_add_char(text, '3'); /* hexadecimal: an ASCII digit is 0x30 and itself */
        text_add_char(text, *c);
    }
    text_add(text, "\r\nBEGIN\r\n");
}

/* What the bus says, as far as it matters: a line, then messages. */
struct listener {
    bool greeted;
    uint8_t header[HEADER_SIZE];
    size_t header_length;
    uint64_t skip; /* bytes of the message behind its header */
    unsigned replies;
};

static void hear(struct listener *listener, uint8_t byte)
{
    if (!listener->greeted) {
        listener->greeted = byte == '\n';
        return;
    }
    if (listener->skip > 0) {
        listener->skip--;
        return;
    }
    listener->header[listener->header_length++] = byte;
    if (listener->header_length < HEADER_SIZE)
        return;
    uint32_t body, fields;
    memcpy(&body, listener->header + 4, sizeof body);
    memcpy(&fields, listener->header + 12, sizeof fields);
    listener->skip = ((uint64_t)fields + 7) / 8 * 8 + body;
    listener->replies += listener->header[1] == METHOD_RETURN || listener->header[1] == ERROR;
    listener->header_length = 0;
}

/* Until both calls are answered, the bus hangs up, or patience ends: a caller that leaves earlier may find
 * its message dropped. */
static void listen_for_replies(int fd)
{
    struct listener listener = {0};
    struct timespec now, end;
    (void)clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += PATIENCE;
    while (listener.replies < 2) {
        uint8_t bytes[256];
        (void)clock_gettime(CLOCK_MONOTONIC, &now);
        int64_t left = (end.tv_sec - now.tv_sec) * 1000000000LL + end.tv_nsec - now.tv_nsec;
        struct timespec limit = {.tv_sec = left / 1000000000, .tv_nsec = left % 1000000000};
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (left <= 0)
            return;
        /* The program's signals come here, too. */
        const long length = syscall(CALL_PPOLL, &ready, 1, &limit, NULL, 0) == 1
                                ? syscall(SYS_read, fd, bytes, sizeof bytes)
                                : -1;
        if (length == 0 || (length < 0 && errno != EINTR))
            return;
        for (long i = 0; i < length; i++)
            hear(&listener, bytes[i]);
    }
}

void desktop_notify(const char *title, const char *line)
{
    struct sockaddr_un address;
    char buffer[TALK_SIZE];
    struct text talk = text_over(buffer, sizeof buffer);
    add_authentication(&talk);
    add_hello(&talk);
    add_notify(&talk, title, line);
    if (!text_end(&talk) || !bus_address(&address))
        return;
    const int fd = system_socket(SOCK_STREAM);
    if (fd < 0)
        return;
    if (syscall(SYS_connect, fd, &address, sizeof address) == 0 &&
        syscall(SYS_sendto, fd, talk.start, talk.length, MSG_NOSIGNAL, NULL, 0) == (long)talk.length)
        listen_for_replies(fd);
    system_close(fd);
}
