/* What follows from what is seen of a process; and by what TLS is known. */
#include "tests/unit/unit.h"
#include "tools/protection.h"
#include "tools/tls_library.h"
#include "tools/tls_marks.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { OURS = 1, SECURE = 2, PRELOADS = 4, REFUSED = 8, CHILD = 16, REPLACED = 32 };
static char library_path[] = "/l/libpinshim.so";

static const struct {
    const char *what;
    enum process_look look;
    int facts;
    enum publication publication;
    enum policy_state policy;
    int hooked, others;
    enum protection_state state;
    bool good;
    const char *why;
} judgements[] = {
    {"nothing known", PROCESS_GONE, 0, 0, 0, 0, 0, PROTECTION_UNKNOWN, false, "ended"},
    {"hidden", PROCESS_HIDDEN, OURS, PUBLICATION_READ, POLICY_STATE_ENFORCED, 1, 0, PROTECTION_UNKNOWN, false,
     "not permitted"},
    {"protected", PROCESS_SEEN, OURS, PUBLICATION_READ, POLICY_STATE_ENFORCED, 1, 0, PROTECTION_YES, true,
     ""},
    {"two", PROCESS_SEEN, OURS, PUBLICATION_READ, POLICY_STATE_ENFORCED, 2, 0, PROTECTION_YES, true, ""},
    {"partly", PROCESS_SEEN, OURS, PUBLICATION_READ, POLICY_STATE_ENFORCED, 1, 1, PROTECTION_PARTLY, false,
     "no hooks for Other"},
    {"no hooks", PROCESS_SEEN, OURS, PUBLICATION_READ, POLICY_STATE_ENFORCED, 0, 1, PROTECTION_NO, false,
     "no hooks for Other"},
    {"no TLS", PROCESS_SEEN, OURS, PUBLICATION_READ, POLICY_STATE_ENFORCED, 0, 0, PROTECTION_NO_TLS, true,
     "nothing to protect so far"},
    {"report", PROCESS_SEEN, OURS, PUBLICATION_READ, POLICY_STATE_REPORTED, 1, 0, PROTECTION_REPORTED, false,
     "reported"},
    {"report, partly", PROCESS_SEEN, OURS, PUBLICATION_READ, POLICY_STATE_REPORTED, 1, 1, PROTECTION_PARTLY,
     false, "reported"},
    {"report, no TLS", PROCESS_SEEN, OURS, PUBLICATION_READ, POLICY_STATE_REPORTED, 0, 0, PROTECTION_NO_TLS,
     false, "reported"},
    {"unreadable", PROCESS_SEEN, OURS, PUBLICATION_READ, POLICY_STATE_UNREADABLE, 1, 0, PROTECTION_YES, true,
     "refused"},
    {"no policy", PROCESS_SEEN, OURS, PUBLICATION_READ, POLICY_STATE_NONE, 1, 0, PROTECTION_NO, false,
     "no policy"},
    {"no policy, no TLS", PROCESS_SEEN, OURS, PUBLICATION_READ, POLICY_STATE_NONE, 0, 0, PROTECTION_NO_TLS,
     false, "no policy"},
    {"silent", PROCESS_SEEN, OURS, PUBLICATION_MISSING, 0, 1, 0, PROTECTION_UNKNOWN, false, "tells nothing"},
    {"foreign", PROCESS_SEEN, OURS, PUBLICATION_FOREIGN, 0, 1, 0, PROTECTION_UNKNOWN, false, "version"},
    {"memory hidden", PROCESS_SEEN, OURS, PUBLICATION_HIDDEN, POLICY_STATE_ENFORCED, 1, 0, PROTECTION_UNKNOWN,
     false, "not permitted"},
    {"replaced", PROCESS_SEEN, OURS | REPLACED, PUBLICATION_READ, POLICY_STATE_ENFORCED, 1, 0, PROTECTION_YES,
     true, "replaced"},
    {"without", PROCESS_SEEN, 0, PUBLICATION_MISSING, 0, 1, 0, PROTECTION_NO, false, "started without"},
    {"without, no TLS", PROCESS_SEEN, 0, PUBLICATION_MISSING, 0, 0, 0, PROTECTION_NO_TLS, false,
     "nothing to protect so far; started without"},
    {"dropped", PROCESS_SEEN, CHILD, PUBLICATION_MISSING, 0, 1, 0, PROTECTION_NO, false, "dropped"},
    {"not taken", PROCESS_SEEN, PRELOADS | CHILD, PUBLICATION_MISSING, 0, 1, 0, PROTECTION_NO, false,
     "didn't take it"},
    {"set-uid", PROCESS_SEEN, SECURE | PRELOADS | REFUSED, PUBLICATION_MISSING, 0, 1, 0, PROTECTION_NO, false,
     "set-user-ID"},
    {"refused", PROCESS_SEEN, REFUSED | CHILD, PUBLICATION_MISSING, 0, 0, 1, PROTECTION_NO, false, "static"},
    /* What is published without the library is nobody's word. */
    {"a lie", PROCESS_SEEN, 0, PUBLICATION_READ, POLICY_STATE_ENFORCED, 1, 0, PROTECTION_NO, false,
     "started without"},
};

START_TEST(the_judgement_follows_from_what_is_seen)
{
    static char ssl[] = "/lib/libssl.so.3", other[] = "/lib/other.so";
    const int facts = judgements[_i].facts;
    struct process process = {
        .look = judgements[_i].look,
        .library = facts & OURS ? library_path : NULL,
        .secure = facts & SECURE,
        .preloads = facts & PRELOADS,
        .replaced = facts & REPLACED,
        .refusal = facts & REFUSED ? "static" : NULL,
        .published = {.publication = judgements[_i].publication, .policy = judgements[_i].policy}};
    const struct process parent = {.pid = 5, .name = "parent", .library = library_path};
    struct protection protection;
    for (int i = 0; i < judgements[_i].hooked; i++)
        process.tls[process.tls_count++] = (struct process_tls){"OpenSSL", ssl, true, false, false};
    for (int i = 0; i < judgements[_i].others; i++)
        process.tls[process.tls_count++] = (struct process_tls){"Other", other, false, false, false};
    protection_judge(&process, facts & CHILD ? &parent : NULL, &protection);
    ck_assert_msg(protection.state == judgements[_i].state, "%s: %s", judgements[_i].what,
                  protection_name(protection.state));
    ck_assert_int_eq(protection_is_good(&protection), judgements[_i].good);
    ck_assert_msg(strstr(protection.why, judgements[_i].why), "%s: %s", judgements[_i].what, protection.why);
    ck_assert(judgements[_i].why[0] || !protection.why[0]);
}
END_TEST

START_TEST(a_library_of_another_version_is_named)
{
    struct process process = {.look = PROCESS_SEEN,
                              .library = library_path,
                              .published = {.publication = PUBLICATION_READ,
                                            .policy = POLICY_STATE_ENFORCED,
                                            .library_version = "0.0.1"}};
    struct protection protection;
    protection_judge(&process, NULL, &protection);
    ck_assert_ptr_nonnull(strstr(protection.why, "the library is of version 0.0.1"));
}
END_TEST

/* --- names and marks */

START_TEST(a_tls_library_is_known_by_its_name)
{
    static const struct {
        const char *file, *family;
    } names[] = {
        {"/usr/lib/libssl.so.3", "OpenSSL"},
        {"libssl.so.1.1", "OpenSSL other than 3"},
        {"libssl.so", "OpenSSL other than 3"},
        {"libssl.so.3.0.7", "OpenSSL"},
        {"libssl.so.30", "OpenSSL other than 3"},
        {"libgnutls.so.26", "GnuTLS before 3"},
        {"libssl-80c06e3d.so.3", "OpenSSL"},
        {"libssl3.so", "NSS"},
        {"libgnutls.so.30.34.3", "GnuTLS"},
        {"libgnutls-dane.so.0", NULL},
        {"libcrypto.so.3", NULL},
        {"libnss3.so", NULL},
        {"libssl.so3", NULL},
        {"libssl_iostream_openssl.so", NULL},
        {"/libssl.so.3/libc.so.6", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const struct tls_library *library = tls_library_of(names[i].file);
        ck_assert_pstr_eq(library ? library->family : NULL, names[i].family);
    }
}
END_TEST

START_TEST(each_mark_is_found_wherever_it_stands)
{
    static const char *const texts[TLS_MARKS] = {
        [MARK_GO_BUILD_INFO] = "\xff Go buildinf:",
        [MARK_GO_TLS] = "crypto/tls.(*Conn)",
        [MARK_RUSTLS_CLIENT] = "src/client/hs.rs",
        [MARK_RUSTLS_MODULE] = "rustls::client::hs",
        [MARK_BORINGSSL] = "BoringSSL",
        [MARK_BORINGSSL_CLIENT] = "boringssl/src/ssl/",
        [MARK_OPENSSL_CLIENT] = "ssl/statem/statem_clnt",
        [MARK_BOTAN_CLIENT] = "N5Botan3TLS6Client",
        [MARK_NAMES_OPENSSL] = "libssl.so",
        [MARK_NAMES_GNUTLS] = "libgnutls.so",
        [MARK_NAMES_NSS] = "libssl3.so",
    };
    for (unsigned mark = 0; mark < TLS_MARKS; mark++)
        for (size_t before = 0; before < 20; before++)
            for (size_t behind = 0; behind < 3; behind++) {
                const size_t length = strlen(texts[mark]), size = before + length + behind;
                char *bytes = malloc(size);
                memset(bytes, 's', size);
                memcpy(bytes + before, texts[mark], length);
                ck_assert_uint_eq(tls_marks_in(bytes, size), 1U << mark);
                ck_assert_uint_eq(tls_marks_in(bytes, before + length - 1), 0);
                free(bytes);
            }
    ck_assert_uint_eq(tls_marks_in("libssllibssl.so.libgnutls.so", 28),
                      1U << MARK_NAMES_OPENSSL | 1U << MARK_NAMES_GNUTLS);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("protection");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, the_judgement_follows_from_what_is_seen, 0,
                        sizeof judgements / sizeof judgements[0]);
    tcase_add_test(tests, a_library_of_another_version_is_named);
    tcase_add_test(tests, a_tls_library_is_known_by_its_name);
    tcase_add_test(tests, each_mark_is_found_wherever_it_stands);
    return unit_run("protection", tests);
}
