#!/usr/bin/env python3
"""A small HTTPS client over Python's pycurl, Debian's, which is of libcurl with GnuTLS: client_curl.py HOST PORT CAFILE

It pins nothing by itself. Run it under `pinshim run`, and connecting raises pycurl.error where the policy says so.
"""
import sys

import pycurl


def main() -> int:
    if len(sys.argv) != 4:
        print(f"usage: {sys.argv[0]} HOST PORT CAFILE", file=sys.stderr)
        return 2
    host, port, cafile = sys.argv[1:]
    connection = pycurl.Curl()
    connection.setopt(pycurl.URL, f"https://{host}:{port}/")
    connection.setopt(pycurl.CAINFO, cafile)
    connection.setopt(pycurl.TIMEOUT, 10)
    try:
        connection.perform()  # to standard output
    except pycurl.error as error:
        print(f"{host}: {error.args[1]}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
