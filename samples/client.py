#!/usr/bin/env python3
"""A small HTTPS client over Python's ssl and http.client: client.py HOST PORT CAFILE

It pins nothing by itself. Run it under `pinshim run`, and connecting raises ssl.SSLCertVerificationError
where the policy says so.
"""
import http.client
import ssl
import sys


def main() -> int:
    if len(sys.argv) != 4:
        print(f"usage: {sys.argv[0]} HOST PORT CAFILE", file=sys.stderr)
        return 2
    host, port, cafile = sys.argv[1:]
    context = ssl.create_default_context(cafile=cafile)
    connection = http.client.HTTPSConnection(host, int(port), timeout=10, context=context)
    try:
        connection.request("GET", "/")
        response = connection.getresponse()
        print(f"HTTP {response.status}")
        sys.stdout.write(response.read().decode(errors="replace"))
    except (OSError, http.client.HTTPException) as error:
        print(f"{host}: {error}", file=sys.stderr)
        return 1
    finally:
        connection.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
