#include "config/scan.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 32 };

struct scan {
    const char *file, *at, *end;
    unsigned line;
    unsigned depth;
    bool comma; /* the last token was one */
    bool parsable;
    struct domain_list *domains;
    struct diagnostics *diagnostics;
};

static void fail(struct scan *scan, const char *message)
{
    diagnostics_add(scan->diagnostics, SEVERITY_ERROR, scan->file, scan->line, "%s", message);
}

static void fail_for_good(struct scan *scan, const char *message)
{
    fail(scan, message);
    scan->parsable = false;
}

static bool starts_with(const struct scan *scan, const char *token)
{
    const size_t length = strlen(token);
    return (size_t)(scan->end - scan->at) >= length && memcmp(scan->at, token, length) == 0;
}

static void skip(struct scan *scan, size_t count)
{
    for (; count && scan->at < scan->end; count--)
        scan->line += *scan->at++ == '\n';
}

static void skip_line(struct scan *scan)
{
    while (scan->at < scan->end && *scan->at != '\n')
        scan->at++;
    skip(scan, 1);
}

/* libconfig takes a comment without end for the rest of the file, and says nothing. */
static void comment(struct scan *scan)
{
    const unsigned line = scan->line;
    skip(scan, strlen("/*"));
    while (scan->at < scan->end && !starts_with(scan, "*/"))
        skip(scan, 1);
    if (scan->at == scan->end) {
        scan->line = line;
        fail_for_good(scan, "a comment that doesn't end");
    }
    skip(scan, strlen("*/"));
}

static void string(struct scan *scan)
{
    const unsigned line = scan->line;
    skip(scan, 1);
    while (scan->at < scan->end && *scan->at != '"') {
        const bool escape = *scan->at == '\\';
        if (escape && (starts_with(scan, "\\x00") || starts_with(scan, "\\X00")))
            fail(scan, "\\x00 can't stand in a string");
        skip(scan, escape ? 2 : 1);
    }
    if (scan->at == scan->end) {
        scan->line = line;
        fail_for_good(scan, "a string that doesn't end");
    }
    skip(scan, 1);
}

static bool is_word_character(char c)
{
    return isalnum((unsigned char)c) || c == '+' || c == '-' || c == '.' || c == '_' || c == '*';
}

static bool is_bracket(char c)
{
    return c == '(' || c == ')' || c == '[' || c == ']' || c == '{' || c == '}';
}

/* A number or a word: what isn't white space, a bracket or a sign of the syntax. */
static void word(struct scan *scan)
{
    char number[32];
    const char *start = scan->at;
    while (scan->at < scan->end && is_word_character(*scan->at))
        scan->at++;
    const size_t length = (size_t)(scan->at - start);
    if (length == 0) {
        skip(scan, 1);
        return;
    }
    if (!isdigit((unsigned char)start[length > 1 && strchr("+-", *start) ? 1 : 0]))
        return;
    if (length < sizeof number) {
        char *end;
        memcpy(number, start, length);
        number[length] = '\0';
        errno = 0;
        /* Not base 0: a leading zero makes no octal number for libconfig. */
        const long long value = strtoll(number, &end, strncasecmp(number, "0x", 2) == 0 ? 16 : 10);
        if (errno == 0 && value >= INT_MIN && value <= INT_MAX)
            return;
        (void)strtod(number, &end); /* whole, for "4294967297e" is a number and a name */
        if (*end == '\0' && strpbrk(number, ".eE"))
            return;
    }
    fail(scan, "a number that doesn't fit into 32 bits");
}

static void bracket(struct scan *scan)
{
    const char c = *scan->at;
    if (c == '(' || c == '[' || c == '{') {
        if (++scan->depth == DEPTH + 1)
            fail_for_good(scan, "nested too deeply");
    } else {
        if (scan->comma && c != '}')
            fail_for_good(scan, "a comma after the last element: remove it");
        scan->depth -= scan->depth > 0;
    }
    skip(scan, 1);
}

static bool skip_space_or_comment(struct scan *scan)
{
    if (isspace((unsigned char)*scan->at))
        skip(scan, 1);
    else if (*scan->at == '#' || starts_with(scan, "//"))
        skip_line(scan);
    else if (starts_with(scan, "/*"))
        comment(scan);
    else
        return false;
    return true;
}

/* One token, comment or character of white space. */
static void step(struct scan *scan)
{
    const char *start = scan->at, c = *start;
    const unsigned depth = scan->depth;
    if (skip_space_or_comment(scan))
        return;
    if (c == '"')
        string(scan);
    else if (is_bracket(c))
        bracket(scan);
    else if (starts_with(scan, "@include"))
        fail_for_good(scan, "@include is not supported"), skip_line(scan);
    else
        word(scan);
    scan->comma = c == ',';
    const struct token token = {start, (size_t)(scan->at - start), scan->line, depth};
    if (!domain_list_see(scan->domains, &token))
        fail_for_good(scan, "out of memory");
}

bool scan_text(const char *file, const char *text, size_t length, struct domain_list *domains,
               struct diagnostics *diagnostics)
{
    struct scan scan = {
        .file = file,
        .at = text,
        .end = text + length,
        .line = 1,
        .parsable = true,
        .domains = domains,
        .diagnostics = diagnostics,
    };
    const char *nul = memchr(text, '\0', length);
    if (nul) {
        for (const char *c = text; c < nul; c++)
            scan.line += *c == '\n';
        fail_for_good(&scan, "a NUL byte: this is neither text nor a whole image");
        return false;
    }
    while (scan.at < scan.end)
        step(&scan);
    return scan.parsable;
}
