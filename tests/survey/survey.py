#!/usr/bin/python3
"""What share of Debian's TLS clients a preload reaches, counted from the packages themselves.

Usage: survey.py [--list]. Reads the index of packages that the machine's apt has; nothing is
downloaded. docs/coverage.md says what the figures mean.

A package uses a TLS library where it depends on it, or depends on what carries it: another package
that does, of those kinds (CARRIERS) that are there to bring a program its network.
"""

import collections
import pathlib
import re
import subprocess
import sys

REACHED = {"OpenSSL": r"libssl3", "GnuTLS": r"libgnutls30|libgnutls-dane0", "NSS": r"libnss3"}
# What brings its own, whatever it depends on: Firefox's NSS is a shared library.
BUNDLED = {
    "NSS": r"(firefox|thunderbird)(-esr)?",
    "BoringSSL": r"chromium(-shell)?",
    "Java": r"openjdk-\d+-jre(-headless)?",
}
OTHER = {
    "mbedTLS": r"libmbedtls\d+",
    "wolfSSL": r"libwolfssl\d+",
    "Java": r"(default|openjdk-\d+)-jre(-headless)?|java\d*-runtime(-headless)?",
    "Erlang": r"erlang-ssl",
}
BUILT_IN = {"Go": r"golang-[\d.]+|golang-golang-x-crypto", "rustls": r"rust-rustls"}

# Not every library that depends on one of TLS: Kerberos's needs only the cryptography, and that of
# printing, which every desktop program has, is no way to the network for those.
CARRIERS = re.compile(
    r"""(python3(\.\d+)?(-minimal)?|libpython3\S*(stdlib|minimal)|python3-(openssl|requests|urllib3|httplib2
    |aiohttp|twisted|pycurl|nss|gnutls|paho-mqtt|psycopg2|ldap\S*)|libruby[\d.]*|ruby[\d.]*
    |lib(net-ssleay|io-socket-ssl|lwp-protocol-https|crypt-ssleay|www-curl|net-smtp-ssl)-perl
    |libcurl\S+|libneon\S+|libserf-1-1|libsoup\S+|glib-networking|libwebkit\S+|libqt[56]\S*network\S*
    |libldap-2.5-0|libpq5|libmariadb3|libgloox\S+|libloudmouth\S+|libetpan\S+|libvmime\S+
    |libgit2\S+|libmosquitto\S+|libpaho\S+|libopenconnect\S+|libfreerdp\S+|libav(format)\S+
    |libpurple\S+|libtorrent-rasterbar\S+|libtorrent\d+|libevent-openssl\S+|libnode\d+|nodejs
    |libcamel\S+|libevolution\S+|librepo\S+|librdkafka\S+|libhiredis\S*ssl\S*|libgrpc\S+|libzmq\S+
    |libxmlrpc\S+|libgsasl\S+|libesmtp\S+|libstrophe\S+|libslang-gnutls\S+|php\S*-(cli|curl|common)
    |libvirt0|libvncclient\S+|libgtk-vnc\S+|libspice-client\S+|libircclient\S+|libnbd\S+|tcl-tls
    |libpoco(net)?ssl\S+|libhttp-tiny\S+|libnet-ssl\S*|libxmpp\S+|libupnp\S+|libgfbgraph\S+)""",
    re.VERBOSE,
)

SECTIONS = ("net", "web", "mail", "vcs", "comm", "news")
LIBRARY = r"^lib|^golang-|-(dev|doc|dbg|data|common|locales?)$|^(python3|ruby|node|r)-"


def packages(text):
    """Each package's fields, of an index in Debian's form."""
    found = {}
    for paragraph in re.sub(r"\n[ \t]+", " ", text).split("\n\n"):
        fields = dict(line.split(": ", 1) for line in paragraph.splitlines() if ": " in line)
        if "Package" in fields:
            found[fields["Package"]] = fields
    return found


def names(fields, *kinds):
    """The packages that some fields name; where there is a choice, the first."""
    words = ",".join(fields.get(kind, "") for kind in kinds).split(",")
    return {re.split(r"[ |:(\[]", word.strip(), maxsplit=1)[0] for word in words} - {""}


def is_tagged(fields):
    """debtags, kept by volunteers: few newer packages have any."""
    tags = fields.get("Tag", "")
    return "network::client" in tags and "role::program" in tags


def is_of_the_network(fields):
    """By the archive's section, servers included; what libraries are there are left out."""
    name = fields["Package"]
    return fields.get("Section") in SECTIONS and not re.search(LIBRARY, name)


def populations(index):
    """What is asked of, by title."""
    text = (pathlib.Path(__file__).parent / "programs.txt").read_text(encoding="utf-8")
    words = " ".join(line for line in text.splitlines() if not line.startswith("#")).split()
    return {
        "well-known clients": [name for name in words if name in index],
        "tagged network::client": [name for name, fields in index.items() if is_tagged(fields)],
        "sections net, web, mail, vcs, comm, news": [
            name for name, fields in index.items() if is_of_the_network(fields)
        ],
    }


def carried(index, name):
    """All that a package depends on, directly or by carriers and packages of the same source."""
    home = source(index[name])
    found, fresh = set(), {name}
    while fresh:
        wanted = set()
        for one in fresh:
            wanted |= names(index.get(one, {}), "Depends", "Pre-Depends")
        new = wanted - found
        found |= new
        fresh = {
            one
            for one in new
            if CARRIERS.fullmatch(one) or (one in index and source(index[one]) == home)
        }
    return found


def source(fields):
    return fields.get("Source", fields["Package"]).split(" ")[0]


def matching(table, found):
    return {kind for kind, form in table.items() if any(re.fullmatch(form, one) for one in found)}


def examine(index, name):
    """The TLS libraries that a preload reaches in a package, and what it has that none reaches."""
    found = carried(index, name)
    if bundled := matching(BUNDLED, {name}):
        return bundled & set(REACHED), bundled - set(REACHED)
    built_in = matching(BUILT_IN, names(index[name], "Built-Using", "Static-Built-Using"))
    return matching(REACHED, found), matching(OTHER, found) | built_in


def row(*cells):
    print("| " + " | ".join(map(str, cells)) + " |")


def count(index, programs):
    """The rows of a population, each with its packages."""
    seen = {name: examine(index, name) for name in sorted(programs)}
    tls = {name: both for name, both in seen.items() if any(both)}
    rows = collections.defaultdict(list)
    for name, (reached, other) in tls.items():
        rows["a TLS shows in the index"].append(name)
        for kind in reached:
            rows[f"uses {kind}"].append(name)
        outcome = "not reached" if not reached else "partly" if other else "reached"
        rows[outcome].append(name)
        if other:
            rows[f"{outcome}: {', '.join(sorted(other))}"].append(name)
    rows["no TLS shows"] = [name for name in seen if name not in tls]
    return rows


def order(title):
    first = ("a TLS", "reached", "uses", "partly", "not", "no ")
    return next(place for place, word in enumerate(first) if title.startswith(word)), title


def main():
    """The table, and with --list what stands behind each row."""
    done = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, check=True)
    index = packages(done.stdout.decode(errors="replace"))
    asked = populations(index)
    counted = {title: count(index, programs) for title, programs in asked.items()}
    row("packages", *(f"{title} ({len(programs)})" for title, programs in asked.items()))
    row(*["---"] * (1 + len(asked)))
    for title in sorted({title for rows in counted.values() for title in rows}, key=order):
        cells = []
        for rows in counted.values():
            number, whole = len(rows[title]), len(rows["a TLS shows in the index"])
            share = (
                "" if title.startswith(("a TLS", "no TLS")) else f", {100 * number / whole:.1f} %"
            )
            cells.append(f"{number}{share}")
        row(title, *cells)
    if "--list" in sys.argv:
        for population, rows in counted.items():
            for title in sorted(rows, key=order):
                print(f"\n{population}; {title}: {' '.join(rows[title])}")


if __name__ == "__main__":
    main()
