#include "tools/tls_marks.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Each text's first character stands apart, so that this program doesn't contain the text itself. */
static const struct {
    char first;
    const char *rest;
} texts[TLS_MARKS] = {
    [MARK_GO_BUILD_INFO] = {'\xff', " Go buildinf:"},
    [MARK_GO_TLS] = {'c', "rypto/tls.(*Conn)"},
    [MARK_RUSTLS_CLIENT] = {'s', "rc/client/hs.rs"},
    [MARK_RUSTLS_MODULE] = {'r', "ustls::client::hs"},
    [MARK_BORINGSSL] = {'B', "oringSSL"},
    [MARK_BORINGSSL_CLIENT] = {'b', "oringssl/src/ssl/"},
    [MARK_OPENSSL_CLIENT] = {'s', "sl/statem/statem_clnt"},
    [MARK_BOTAN_CLIENT] = {'N', "5Botan3TLS6Client"},
    [MARK_NAMES_OPENSSL] = {'l', "ibssl.so"},
    [MARK_NAMES_GNUTLS] = {'l', "ibgnutls.so"},
    [MARK_NAMES_NSS] = {'l', "ibssl3.so"},
};

enum { SHORTEST = 9 /* of the texts: as far as one step may go */, PAIRS = 1 << 16 };

static unsigned pair_at(const unsigned char *bytes)
{
    return (unsigned)bytes[0] | (unsigned)bytes[1] << 8;
}

/* How far the window of SHORTEST bytes may be moved on by the pair at its end; 0: look whether a text starts
 * with it. */
static void fill_steps(unsigned char steps[PAIRS])
{
    memset(steps, SHORTEST - 1, PAIRS);
    for (int i = 0; i < TLS_MARKS; i++) {
        unsigned char start[SHORTEST] = {(unsigned char)texts[i].first};
        memcpy(start + 1, texts[i].rest, SHORTEST - 1);
        for (int at = 0; at + 2 <= SHORTEST; at++) {
            const unsigned char step = (unsigned char)(SHORTEST - 2 - at);
            unsigned char *known = &steps[pair_at(start + at)];
            if (step < *known)
                *known = step;
        }
    }
}

static unsigned marks_at(const unsigned char *bytes, size_t size)
{
    unsigned found = 0;
    for (unsigned i = 0; i < TLS_MARKS; i++) {
        const size_t length = strlen(texts[i].rest);
        if (bytes[0] == (unsigned char)texts[i].first && length < size &&
            memcmp(bytes + 1, texts[i].rest, length) == 0)
            found |= 1U << i;
    }
    return found;
}

unsigned tls_marks_in(const void *start, size_t size)
{
    static unsigned char steps[PAIRS];
    static bool filled;
    const unsigned char *bytes = start;
    unsigned found = 0;
    if (!filled)
        fill_steps(steps);
    filled = true;
    for (size_t at = 0; size >= SHORTEST && at <= size - SHORTEST;) {
        const unsigned step = steps[pair_at(bytes + at + SHORTEST - 2)];
        if (step == 0)
            found |= marks_at(bytes + at, size - at);
        at += step ? step : 1;
    }
    return found;
}
