#include "tests/clients/server/server.h"

#include <getopt.h>
#include <stdlib.h>

struct options options;

void options_parse(int argc, char **argv)
{
    const struct option longs[] = {
        {"certificate", 1, NULL, 'c'},
        {"key", 1, NULL, 'k'},
        {"then-certificate", 1, NULL, 'C'},
        {"then-key", 1, NULL, 'K'},
        {"psk", 1, NULL, 'p'},
        {"pac", 1, NULL, 'P'},
        {"srp", 1, NULL, 's'},
        {"groups", 1, NULL, 'g'},
        {"ciphers", 1, NULL, 'l'},
        {"ciphersuites", 1, NULL, 'L'},
        {"early-data", 0, &options.early_data, 1},
        {"no-tickets", 0, &options.no_tickets, 1},
        {"half-rtt", 0, &options.half_rtt, 1},
        {"datagrams", 0, &options.datagrams, 1},
        {"commands", 0, &options.commands, 1},
        {NULL, 0, NULL, 0},
    };
    const char **const texts[] = {
        ['c'] = &options.certificate,  ['k'] = &options.key,    ['C'] = &options.then_certificate,
        ['K'] = &options.then_key,     ['p'] = &options.psk,    ['P'] = &options.pac,
        ['s'] = &options.srp,          ['g'] = &options.groups, ['l'] = &options.ciphers,
        ['L'] = &options.ciphersuites,
    };
    for (int option; (option = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        if (option == '?')
            exit(2);
        if (option != 0)
            *texts[option] = optarg;
    }
}
