"""PHP, ruby and node: programs that send a secret by HTTPS, beside those of clients.py."""

import functools
import subprocess

import clients
import pki
import product

NODE = "/usr/bin/nodejs"
_SOURCES = product.PROJECT / "tests" / "clients"
_FAILURE = r"certificate verify failed"
_PROBLEM = r"SSL certificate problem: certificate rejected"


@functools.cache
def needs_openssl(program):
    """True where the program is there and needs the system's OpenSSL: Debian's node, not its vendor's."""
    done = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    return "libssl.so.3" in done.stdout


def _script(interpreter, script, *first, options=()):
    def with_mode(mode):
        def arguments(r):
            words = (interpreter, *options, _SOURCES / script, *first)
            return [*words, r.host, r.port, r.bundle, r.secret, mode]

        return arguments

    return with_mode


_php_stream = _script("php", "php_client.php", "stream", options=("-n",))
_php_curl = _script("php", "php_client.php", "curl", options=("-n", "-dextension=curl"))
_ruby = _script("ruby", "ruby_client.rb")
_node = _script(NODE, "node_client.js")

CLIENTS = (
    clients.Client("php-stream", _php_stream("verify"), _FAILURE),
    clients.Client("php-stream-trusting", _php_stream("trust"), _FAILURE, verifies=False),
    clients.Client("php-curl", _php_curl("verify"), _PROBLEM),
    clients.Client("php-curl-trusting", _php_curl("trust"), _PROBLEM, verifies=False),
    clients.Client("ruby", _ruby("peer"), _FAILURE),
    clients.Client("ruby-trusting", _ruby("none"), _FAILURE, verifies=False),
    *(
        clients.Client(
            f"nodejs{kind}{'' if mode == 'verify' else '-trusting'}",
            _node(mode),
            _FAILURE,
            host=host,
            verifies=mode == "verify",
            alert=False,  # node drops the connection
        )
        for kind, host in (("", pki.PINNED), ("-address", "127.0.0.1"))
        for mode in ("verify", "trust")
    ),
)
