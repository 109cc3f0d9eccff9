"""Clients of databases and brokers, and those that carry what they are given: ncat, stunnel."""

import clients
import starttls

_FAILURE = r"certificate verify failed"


def _psql(*settings):
    def arguments(r):
        words = [
            f"host={r.host} hostaddr=127.0.0.1 port={r.port} connect_timeout=10",
            f"user=user dbname=base password={r.secret}",
            *settings,
        ]
        return ["psql", " ".join(words), "--no-psqlrc", "--command", "set work_mem = 64"]

    return arguments


def _psql_verifying(r):
    return _psql("sslmode=verify-full", f"sslrootcert={r.bundle}")(r)


def _redis(*options):
    def arguments(r):
        where = ("-h", "127.0.0.1", "-p", r.port, "--tls", "--sni", r.host)
        return ["redis-cli", *where, *options, "set", "key", r.secret]

    return arguments


def _redis_verifying(r):
    return _redis("--cacert", r.bundle)(r)


def _mosquitto(*options):
    def arguments(r):
        where = ("-h", r.host, "-p", r.port, "--cafile", r.bundle)
        return ["mosquitto_pub", *where, *options, "-t", "topic", "-m", r.secret]

    return arguments


def _ncat(*options):
    def arguments(r):
        words = ("ncat", "--wait", "10s", "--ssl", "--ssl-servername", r.host, *options)
        return [*words, "127.0.0.1", r.port]

    return arguments


def _ncat_verifying(r):
    return _ncat("--ssl-verify", "--ssl-trustfile", r.bundle)(r)


_STUNNEL = """
pid =
client = yes
connect = 127.0.0.1:{r.port}
sni = {r.host}
CAfile = {r.bundle}
verifyChain = {verify}
TIMEOUTclose = 1
"""


def _stunnel(verify):
    """One connection, of its standard streams, as inetd has it."""

    def arguments(r):
        return ["stunnel4", r.write("stunnel.conf", _STUNNEL.format(r=r, verify=verify))]

    return arguments


def _two(name, verifying, trusting, failure, **settings):
    """A program in both its ways."""
    return (
        clients.Client(name, verifying, failure, **settings),
        clients.Client(f"{name}-trusting", trusting, failure, verifies=False, **settings),
    )


CLIENTS = (
    *_two(
        "psql",
        _psql_verifying,
        _psql("sslmode=require"),
        _FAILURE,
        status=2,
        dialogue=starttls.POSTGRESQL,
    ),
    # Asks twice, whatever the matter.
    *_two(
        "redis",
        _redis_verifying,
        _redis("--insecure"),
        _FAILURE,
        app="redis-cli",
        dialogue=starttls.REDIS,
        attempts=2,
    ),
    *_two(
        "mosquitto",
        _mosquitto(),
        _mosquitto("--insecure"),
        r"A TLS error occurred",
        late_status=8,  # its connection is made before its handshake
        app="mosquitto_pub",
        dialogue=starttls.MQTT,
        host="localhost",
    ),
    *_two(
        "ncat",
        _ncat_verifying,
        _ncat(),
        r"Ncat: Input/output error",
        stdin=clients.line,
        dialogue=starttls.LINES,
    ),
    # It says nothing, and ends well, whatever the matter.
    *_two(
        "stunnel",
        _stunnel("yes"),
        _stunnel("no"),
        r"^$",
        status=0,
        app="stunnel4",
        stdin=clients.line,
        dialogue=starttls.LINES,
    ),
)
