/* Host names: of what people write, and of what programs and certificates say. A normalised name is one
 * spelling of a host, and the only one. */
#include "config/host_text.h"
#include "config/name.h"
#include "tests/fuzz/require.h"

#include <arpa/inet.h>
#include <string.h>

static void require_is_address(const char *name, bool expected)
{
    uint8_t address[16];
    char text[INET6_ADDRSTRLEN];
    const int family = strchr(name, ':') ? AF_INET6 : AF_INET;
    const bool is = inet_pton(family, name, address) == 1;
    require(is == expected);
    require(!is || strcmp(inet_ntop(family, address, text, sizeof text), name) == 0);
}

static void require_normal(const char *name)
{
    char again[NAME_SIZE];
    const size_t length = strlen(name);
    require(length > 0 && length <= NAME_MAX_LENGTH);
    require(name_normalise(name, length, again) && strcmp(again, name) == 0);
    require(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.:") == length);
    require_is_address(name, name_is_ip(name));
}

static void require_whole(const char *name)
{
    require_normal(name);
    const char *parent = name_parent(name);
    for (; parent; name = parent, parent = name_parent(name)) {
        require(parent > name && parent[-1] == '.');
        /* "9.1.2.3.4": an address as a parent ends the way up */
        require_normal(parent);
    }
}

static void read_program_s(const char *text, size_t size)
{
    char name[NAME_SIZE];
    if (name_normalise(text, size, name))
        require_whole(name);
}

static void read_person_s(const char *text)
{
    char name[NAME_SIZE], again[NAME_SIZE];
    const char *error = NULL;
    const bool is_name = host_text_normalise(text, name, &error);
    if (!is_name) {
        require(error != NULL);
        return;
    }
    require_whole(name);
    require(host_text_normalise(name, again, &error) && strcmp(again, name) == 0);
    (void)!host_text_too_wide(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = exact_text(data, size);
    read_program_s(text, size);
    read_person_s(text);
    free(text);
    return 0;
}
