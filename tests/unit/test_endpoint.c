/* HOST[:PORT] on a command line. */
#include "tests/unit/unit.h"
#include "tools/endpoint.h"

#include <check.h>

static const struct {
    const char *text, *host, *port; /* no host: refused */
} endpoints[] = {
    {"example.com", "example.com", "443"},
    {"Example.COM.", "example.com", "443"},
    {"example.com:8443", "example.com", "8443"},
    {"localhost:1", "localhost", "1"},
    {"192.0.2.7", "192.0.2.7", "443"},
    {"192.0.2.7:65535", "192.0.2.7", "65535"},
    {"2001:db8::1", "2001:db8::1", "443"},
    {"[2001:db8::1]", "2001:db8::1", "443"},
    {"[2001:DB8::1]:8443", "2001:db8::1", "8443"},
    {"b\xc3\xbc"
     "cher.example:8443",
     "xn--bcher-kva.example", "8443"},
    {"", NULL, NULL},
    {":443", NULL, NULL},
    {"example.com:", NULL, NULL},
    {"example.com:0", NULL, NULL},
    {"example.com:65536", NULL, NULL},
    {"example.com:99999999999999999999", NULL, NULL},
    {"example.com:https", NULL, NULL},
    {"example.com:-1", NULL, NULL},
    {"example.com: 1", NULL, NULL},
    {"https://example.com", NULL, NULL},
    {"user@example.com", NULL, NULL},
    {"*.example.com", NULL, NULL},
    {"b\xc3 bc.example", NULL, NULL},
};

START_TEST(an_endpoint_is_a_host_and_a_port)
{
    struct endpoint endpoint;
    const bool parsed = endpoint_parse(endpoints[_i].text, &endpoint);
    ck_assert_msg(parsed == (endpoints[_i].host != NULL), "%s", endpoints[_i].text);
    if (!parsed)
        return;
    ck_assert_str_eq(endpoint.host, endpoints[_i].host);
    ck_assert_str_eq(endpoint.port, endpoints[_i].port);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("endpoint");
    tcase_add_loop_test(tests, an_endpoint_is_a_host_and_a_port, 0, sizeof endpoints / sizeof endpoints[0]);
    return unit_run("endpoint", tests);
}
