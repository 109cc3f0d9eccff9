/* The preloaded library as a process meets it: loaded, its functions found by name, called with nothing. */
#include "tests/unit/unit.h"

#include <check.h>
#include <dlfcn.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>

static void *shim;

static void load(void)
{
    char path[4096];
    const char *build = getenv("PINSHIM_BUILD");
    snprintf(path, sizeof path, "%s/libpinshim.so", build ? build : "build");
    shim = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(shim != NULL, "%s", dlerror());
}

/* A function of the shim by its own prototype. */
#define SHIM(name) (__extension__(__typeof__(&(name))) dlsym(shim, #name))

START_TEST(a_hook_called_with_nothing_fails_like_any_call)
{
    size_t written = 0;
    ck_assert_int_le(SHIM(X509_verify_cert)(NULL), 0);
    ck_assert_int_eq(SHIM(SSL_connect)(NULL), -1);
    ck_assert_int_eq(SHIM(SSL_do_handshake)(NULL), -1);
    ck_assert_int_eq(SHIM(SSL_write_early_data)(NULL, "", 0, &written), 0);
    ck_assert_ptr_null(SHIM(SSL_get_info_callback)(NULL));
    SHIM(SSL_set_info_callback)(NULL, NULL);
    SHIM(SSL_CTX_set_cert_verify_callback)(NULL, NULL, NULL);
    SHIM(SSL_set_psk_client_callback)(NULL, NULL);
    SHIM(SSL_set_psk_use_session_callback)(NULL, NULL);
    SHIM(SSL_CTX_set_psk_client_callback)(NULL, NULL);
    SHIM(SSL_CTX_set_psk_use_session_callback)(NULL, NULL);
}
END_TEST

START_TEST(a_hook_of_a_library_that_is_not_there_fails)
{
    gnutls_session_t session = NULL;
    unsigned status = 0;
    ck_assert_int_lt(SHIM(gnutls_init)(&session, GNUTLS_CLIENT), 0);
    ck_assert_int_lt(SHIM(gnutls_handshake)(NULL), 0);
    ck_assert_int_lt(SHIM(gnutls_server_name_set)(NULL, GNUTLS_NAME_DNS, "a", 1), 0);
    ck_assert_int_lt(SHIM(gnutls_session_set_data)(NULL, "a", 1), 0);
    ck_assert_int_lt(SHIM(gnutls_certificate_verify_peers)(NULL, NULL, 0, &status), 0);
    ck_assert_int_lt(SHIM(gnutls_certificate_verify_peers3)(NULL, "a", &status), 0);
    ck_assert_int_lt(SHIM(gnutls_x509_trust_list_verify_crt2)(NULL, NULL, 0, NULL, 0, 0, &status, NULL), 0);
    SHIM(gnutls_session_set_verify_function)(NULL, NULL);
    SHIM(gnutls_session_set_verify_cert)(NULL, NULL, 0);
    SHIM(gnutls_session_set_verify_cert2)(NULL, NULL, 0, 0);
    SHIM(gnutls_certificate_set_verify_function)(NULL, NULL);
    SHIM(gnutls_transport_set_pull_function)(NULL, NULL);
    SHIM(gnutls_certificate_free_credentials)(NULL);
    SHIM(gnutls_deinit)(NULL);
}
END_TEST

START_TEST(an_object_born_without_the_shim_is_passed_on)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(ctx);
    ck_assert_int_eq(SHIM(SSL_connect)(ssl), -1); /* there is no transport */
    SHIM(SSL_set_info_callback)(ssl, NULL);
    ck_assert_ptr_null(SHIM(SSL_get_info_callback)(ssl));
    SSL_free(ssl);
    SSL_CTX_free(ctx);
}
END_TEST

START_TEST(ex_data_of_anybody_is_ex_data)
{
    CRYPTO_EX_DATA data;
    ck_assert_int_eq(SHIM(CRYPTO_new_ex_data)(CRYPTO_EX_INDEX_SSL, &data, &data), 1);
    SHIM(CRYPTO_free_ex_data)(CRYPTO_EX_INDEX_SSL, &data, &data);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("hooks");
    tcase_add_checked_fixture(tests, load, NULL);
    tcase_add_test(tests, a_hook_called_with_nothing_fails_like_any_call);
    tcase_add_test(tests, a_hook_of_a_library_that_is_not_there_fails);
    tcase_add_test(tests, an_object_born_without_the_shim_is_passed_on);
    tcase_add_test(tests, ex_data_of_anybody_is_ex_data);
    return unit_run("hooks", tests);
}
