/* /etc/environment (pam_env(8)): NAME=VALUE lines, an "export " before them allowed, a '#' for comments. */
#include "shim/local_proxy.h"

#include "config/file_facts.h"
#include "config/rule.h"
#include "shim/system.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SETTINGS "/etc/environment"

enum {
    SETTINGS_SIZE = 16384, /* bytes that are looked at, about */
    LINE_SIZE = 256        /* of a line */
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* What stands behind a word at the start of a line, in any case; NULL. */
static const char *behind(const char *line, const char *word)
{
    for (; *word; line++, word++)
        if (lower(*line) != *word)
            return NULL;
    return line;
}

static bool names_proxy(const char *line)
{
    static const char names[][12] = {"https_proxy", "http_proxy", "all_proxy"};
    while (*line == ' ' || *line == '\t')
        line++;
    const char *exported = behind(line, "export ");
    if (exported)
        line = exported;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = behind(line, names[i]);
        if (!value || *value++ != '=')
            continue;
        if (*value == '"' || *value == '\'')
            value++;
        return *value && *value != '\n' && *value != '"' && *value != '\'' && *value != '#';
    }
    return false;
}

/* Line by line, of each what could matter: threads may have small stacks. */
static bool settings_name_proxy(int fd)
{
    char line[LINE_SIZE] = {0}, piece[LINE_SIZE] = {0};
    size_t length = 0, seen = 0;
    long got;
    while (seen < SETTINGS_SIZE && (got = syscall(SYS_read, fd, piece, sizeof piece)) > 0) {
        seen += (size_t)got;
        for (long i = 0; i < got; i++) {
            if (length < sizeof line - 1)
                line[length++] = piece[i];
            if (piece[i] != '\n')
                continue;
            line[length] = '\0';
            if (names_proxy(line))
                return true;
            length = 0;
        }
    }
    line[length] = '\0';
    return names_proxy(line);
}

static bool machine_has_proxy(void)
{
    struct file_facts facts;
    const int fd = system_open(SETTINGS);
    if (fd < 0)
        return false;
    const bool named = file_facts_of(fd, &facts) && facts.regular && !file_fault(&facts, GUARD_ROOT) &&
                       settings_name_proxy(fd);
    system_close(fd);
    return named;
}

bool local_proxy_is_configured(const struct image *image)
{
    switch ((enum local_proxy)image->header.local_proxy) {
    case LOCAL_PROXY_NAMED:
        return true;
    case LOCAL_PROXY_AUTO:
        return machine_has_proxy();
    case LOCAL_PROXY_NEVER:
        break;
    }
    return false;
}
