#include "tools/diagnosis.h"

#include "tools/dependencies.h"
#include "tools/tls_library.h"
#include "tools/tls_marks.h"

#include <stdio.h>
#include <string.h>

static bool has_family(const struct diagnosis *diagnosis, const char *family)
{
    for (size_t i = 0; i < diagnosis->tls_count; i++)
        if (strcmp(diagnosis->tls[i].family, family) == 0)
            return true;
    return false;
}

static void add(struct diagnosis *diagnosis, const struct tls_found *found)
{
    if (diagnosis->tls_count < DIAGNOSIS_TLS)
        diagnosis->tls[diagnosis->tls_count++] = *found;
}

static void add_linked(struct diagnosis *diagnosis, const struct dependency *dependency)
{
    const struct library_file *file = dependency->file;
    const struct tls_library *library = tls_library_of(dependency->name);
    if (library)
        add(diagnosis, &(struct tls_found){.family = library->family,
                                           .way = TLS_LINKED,
                                           .hooked = library->hooked,
                                           .name = dependency->name,
                                           .file = file ? file->path : NULL,
                                           .above = dependency->above});
    else if (file && file->tls)
        add(diagnosis, &(struct tls_found){
                           .family = file->tls, .way = TLS_INSIDE, .file = file->path, .above = file->path});
}

/* What a file names and nothing is linked to. */
static void add_named(struct diagnosis *diagnosis, unsigned marks, const char *file)
{
    static const struct {
        enum tls_mark mark;
        const char *library;
    } names[] = {
        {MARK_NAMES_OPENSSL, "libssl.so.3"},
        {MARK_NAMES_GNUTLS, "libgnutls.so.30"},
        {MARK_NAMES_NSS, "libssl3.so"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct tls_library *library = tls_library_of(names[i].library);
        if (library && tls_marked(marks, names[i].mark) && !has_family(diagnosis, library->family))
            add(diagnosis, &(struct tls_found){.family = library->family,
                                               .way = TLS_MAY_LOAD,
                                               .hooked = library->hooked,
                                               .name = names[i].library,
                                               .above = file});
    }
}

/* False: no memory. */
static bool find_tls(struct diagnosis *diagnosis)
{
    const struct target *target = &diagnosis->target;
    struct dependencies needed;
    if (target->tls)
        add(diagnosis,
            &(struct tls_found){
                .family = target->tls, .way = TLS_INSIDE, .file = target->file, .above = target->file});
    const bool whole = dependencies_find(target->file, &needed);
    for (size_t i = 0; i < needed.count; i++)
        add_linked(diagnosis, &needed.libraries[i]);
    if (!target->tls)
        add_named(diagnosis, target->marks, target->file);
    for (size_t i = 0; i < needed.count; i++)
        if (needed.libraries[i].file)
            add_named(diagnosis, needed.libraries[i].file->marks, needed.libraries[i].file->path);
    dependencies_free(&needed);
    return whole;
}

/* Has another one the same words? */
static bool is_told(const struct diagnosis *diagnosis, size_t index)
{
    const struct tls_found *tls = diagnosis->tls;
    for (size_t i = 0; i < index; i++)
        if (tls[i].way == tls[index].way && strcmp(tls[i].family, tls[index].family) == 0)
            return true;
    return false;
}

/* Names what isn't pinned, once each. */
static void explain_gaps(struct diagnosis *diagnosis)
{
    size_t length = 0;
    for (size_t i = 0; i < diagnosis->tls_count; i++) {
        const struct tls_found *tls = &diagnosis->tls[i];
        if (tls->hooked || tls->way == TLS_MAY_LOAD || is_told(diagnosis, i))
            continue;
        const int written =
            snprintf(diagnosis->why + length, sizeof diagnosis->why - length, "%s%s%s", length ? "; " : "",
                     tls->way == TLS_INSIDE ? "TLS built in: " : "no hooks for ", tls->family);
        if (written < 0 || (size_t)written >= sizeof diagnosis->why - length)
            return;
        length += (size_t)written;
    }
}

static enum reach reach_of(const struct diagnosis *diagnosis)
{
    size_t hooked = 0, missing = 0;
    for (size_t i = 0; i < diagnosis->tls_count; i++)
        if (diagnosis->tls[i].way != TLS_MAY_LOAD) {
            hooked += diagnosis->tls[i].hooked;
            missing += !diagnosis->tls[i].hooked;
        }
    if (hooked == 0)
        return missing ? REACH_NO_HOOKS : REACH_NO_TLS;
    return missing ? REACH_PARTLY : REACH_YES;
}

void diagnosis_complete(struct diagnosis *diagnosis)
{
    if (!find_tls(diagnosis)) {
        snprintf(diagnosis->why, sizeof diagnosis->why, "out of memory");
        return;
    }
    if (!diagnosis->target.protectable) {
        snprintf(diagnosis->why, sizeof diagnosis->why, "%.500s", diagnosis->target.reason);
        return;
    }
    diagnosis->reach = reach_of(diagnosis);
    explain_gaps(diagnosis);
}

void diagnosis_make(const char *path, struct diagnosis *diagnosis)
{
    *diagnosis = (struct diagnosis){0};
    target_inspect(path, &diagnosis->target);
    diagnosis_complete(diagnosis);
}

bool diagnosis_has_tls(const struct diagnosis *diagnosis)
{
    return diagnosis->tls_count > 0;
}

const char *reach_name(enum reach reach)
{
    switch (reach) {
    case REACH_YES:
        return "yes";
    case REACH_NO_HOOKS:
        return "no hooks";
    case REACH_PARTLY:
        return "partly";
    case REACH_NO_TLS:
        return "no TLS";
    case REACH_NO:
    case REACHES:
        break;
    }
    return "no";
}
