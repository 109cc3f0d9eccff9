"""Real programs that use NSS, each told to send a secret."""

import pathlib
import re
import subprocess

import clients
import product

_SOURCES = product.PROJECT / "tests" / "clients"
_FAILURE = r"SEC_ERROR_UNTRUSTED_CERT"


def database(folder, bundle):
    """A certificate database that trusts the bundle's authorities."""
    path = folder / "nss"
    if path.exists() or not pathlib.Path(bundle).exists():
        return path
    path.mkdir()
    certutil = ["certutil", "-d", f"sql:{path}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    roots = re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----\n", bundle.read_text(), re.DOTALL)
    for number, root in enumerate(roots):
        words = [*certutil, "-A", "-n", f"root {number}", "-t", "C,,", "-a"]
        subprocess.run(words, input=root.encode(), check=True)
    return path


def _request(r):
    """A file with the request; tstclnt polls anything else for ever."""
    return r.write("request", r.http)


def _tstclnt(*options):
    def arguments(r):
        return [
            *("tstclnt", "-h", "127.0.0.1", "-p", r.port, "-a", r.host),
            *("-d", f"sql:{database(r.folder, r.bundle)}", "-A", _request(r), *options),
        ]

    return arguments


def strsclnt(r, *options):
    """The load generator, whose request is fixed."""
    return [
        *("strsclnt", "-p", r.port, "-a", r.host, "-c", "1", "-t", "1", "-N", "-4", "-q"),
        *("-d", f"sql:{database(r.folder, r.bundle)}", *options, "localhost"),
    ]


def _curl(verify):
    def arguments(r):
        words = (r.host, r.port, r.bundle, r.secret, verify)
        return [clients.PYTHON, _SOURCES / "nss_curl.py", *words]

    return arguments


def _python(verify):
    def arguments(r):
        words = (r.host, r.port, database(r.folder, r.bundle), r.secret, verify)
        return [clients.PYTHON, _SOURCES / "nss_python.py", *words]

    return arguments


def _client(name, arguments, failure=_FAILURE, **settings):
    return clients.Client(name, arguments, failure, library="nss", **settings)


CLIENTS = (
    _client("tstclnt", _tstclnt(), status=254),
    _client("tstclnt-synchronous", _tstclnt("-O"), status=254),
    _client("tstclnt-override", _tstclnt("-o"), status=254, verifies=False),
    _client("libcurl-nss", _curl(1), r"libcurl: \(35\)", status=35, app="python3"),
    _client(
        "libcurl-nss-insecure",
        _curl(0),
        r"libcurl: \(35\)",
        status=35,
        app="python3",
        verifies=False,
    ),
    _client("python3-nss", _python(1), app="python3"),
    _client("python3-nss-unverified", _python(0), app="python3", verifies=False),
)
