/* The last that is known of a peer that the program names by nothing: the names in its certificate. */
#ifndef PINSHIM_SHIM_LEAF_NAME_H
#define PINSHIM_SHIM_LEAF_NAME_H

#include "shim/backend.h"
#include "shim/identity.h"

/* To an unnamed identity: adds the names of the leaf that the policy pins, one for each entry, as many as
 * there is room for. Where an applied entry covers the peer's address, that is whom the client means, and
 * nothing is added. "*.name" stands for any name of that form: it is looked up as what covers all of them. */
void leaf_name_add(const struct policy *policy, struct identity *identity, const struct backend *backend,
                   void *peer) __attribute__((nonnull));

/* What a backend's leaf_names does with an address in a certificate; no address is left out. False: no more
 * are wanted. */
bool leaf_name_visit_address(const void *octets, size_t length, name_visitor *visit, void *argument)
    __attribute__((nonnull(3), warn_unused_result));

#endif
