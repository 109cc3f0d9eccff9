/* The certificates in which a path that the shim verifies itself may end, as far as the policy names them. */
#ifndef PINSHIM_SHIM_ANCHORS_H
#define PINSHIM_SHIM_ANCHORS_H

#include "shim/backend.h"

/* Is called with the DER of one certificate, in the policy's memory; false: it can't be used. */
typedef bool anchor_visitor(const uint8_t *der, size_t length, void *argument);

/* Visits those of one kind: trust.ca_certificates for ROOTS_TRUSTED, the applied personas' proxy
 * certificates, the local proxy's. False where one can't be had or used. */
bool anchors_visit(const struct policy *policy, enum roots roots, anchor_visitor *visit, void *argument)
    __attribute__((nonnull(1, 3), warn_unused_result));

#endif
