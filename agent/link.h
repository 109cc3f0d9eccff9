/* What the two processes say to each other, over a pair of sockets (link_socket.h): packets of fixed size.
 * Root believes nothing that it gets. */
#ifndef PINSHIM_AGENT_LINK_H
#define PINSHIM_AGENT_LINK_H

#include "agent/past_file.h"

#include <stdint.h>

enum link_kind {
    LINK_BUNDLE = 1, /* a file comes along (body.h): what a server says is a bundle */
    LINK_UNCHANGED,  /* a server says that nothing has changed since the etag of LINK_SETTINGS */
};

struct link_request {
    uint32_t kind;
    char etag[ETAG_SIZE]; /* of the bundle */
};

/* Of a request, or without one (LINK_SETTINGS): the settings that are in force from now on. */
enum link_outcome { LINK_SETTINGS = 0, LINK_REFUSED, LINK_CURRENT, LINK_INSTALLED };

struct link_reply {
    uint32_t outcome;
    uint32_t interval; /* seconds */
    uint32_t fetch_now;
    char url[URL_SIZE], etag[ETAG_SIZE];
};

/* The two ends, which other programs don't get. False with errno. */
bool link_pair(int ends[2]) __attribute__((nonnull, warn_unused_result));

/* `body`: a descriptor that goes along, or -1. False: the other side is gone, or doesn't read. */
bool link_send(int link, const void *packet, size_t size, int body)
    __attribute__((nonnull, warn_unused_result));

/* False: the other side is gone, or has said what is none of these. *body: the descriptor that came along,
 * the caller's to close, or -1; where it is NULL, none may. */
bool link_receive(int link, void *packet, size_t size, int *body)
    __attribute__((nonnull(2), warn_unused_result));

/* A printable name in quotation marks, or nothing, and a NUL in its place. */
bool link_etag_is_fine(const char etag[ETAG_SIZE]) __attribute__((nonnull, warn_unused_result));

#endif
