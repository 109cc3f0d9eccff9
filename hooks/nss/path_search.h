/* One verification of our own, by the library's functions for it. */
#ifndef PINSHIM_HOOKS_NSS_PATH_SEARCH_H
#define PINSHIM_HOOKS_NSS_PATH_SEARCH_H

#include "hooks/nss/instance.h"

#include "config/pin.h"

struct path_search {
    const struct nss_api *api;
    CERTCertificate *leaf;
    CERTCertList *anchors;     /* beside the library's own trust; maybe empty */
    bool only_anchors;         /* the library's own counts for nothing */
    CERTCertificate *left_out; /* may not be in the path; NULL */
    struct pin *pins;          /* what is found, leaf first */
    size_t capacity;
    PRTime end; /* when the first certificate of the path comes to its end */
};

/* The pins of a path of the leaf, as a TLS server's, with its anchor at the end; 0 where none verifies now,
 * and where the leaf itself is the anchor: no authority vouches for it. The leaf's host is the caller's
 * affair. */
size_t path_search(struct path_search *search) __attribute__((nonnull, warn_unused_result));

#endif
