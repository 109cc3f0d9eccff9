#include "config/host_text.h"

#include <idn2.h>
#include <libpsl.h>
#include <string.h>

static bool is_ascii(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            return false;
    return true;
}

bool host_text_normalise(const char *text, char name[NAME_SIZE], const char **error)
{
    char *ascii = NULL;
    *error = "is no host name";
    if (is_ascii(text))
        return name_normalise(text, strlen(text), name);
    if (idn2_to_ascii_8z(text, &ascii, IDN2_NONTRANSITIONAL) != IDN2_OK) {
        *error = "is no host name, nor an international one (IDNA 2008)";
        return false;
    }
    const bool normal = name_normalise(ascii, strlen(ascii), name);
    idn2_free(ascii);
    return normal;
}

const char *host_text_too_wide(const char *name)
{
    if (name_is_ip(name))
        return "an address";
    if (!name_parent(name))
        return "a whole top-level domain";
    return psl_is_public_suffix(psl_builtin(), name) ? "a public suffix" : NULL;
}
