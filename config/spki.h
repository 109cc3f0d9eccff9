/* Where the DER of a certificate (RFC 5280, 4.1) holds its SubjectPublicKeyInfo, whose SHA-256 is the pin.
 * Pure.
 *
 * For a certificate that a TLS library has read already: this finds the place, and checks nothing else.
 */
#ifndef PINSHIM_CONFIG_SPKI_H
#define PINSHIM_CONFIG_SPKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Views into `der`. False for anything but DER, of which any two readers see the same: a certificate in BER
 * may show each another key. */
bool spki_find(const uint8_t *der, size_t length, const uint8_t **spki, size_t *spki_length)
    __attribute__((nonnull, warn_unused_result));

#endif
