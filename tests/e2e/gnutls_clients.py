"""Real programs that use GnuTLS, each told to send a secret."""

import clients
import product
import starttls

_SOURCES = product.PROJECT / "tests" / "clients"
_FAILURE = r"Error in the certificate verification"


def _wget(*options):
    def arguments(r):
        return [
            *("wget", "--no-verbose", "--no-config", "--tries=1", "--timeout=10"),
            *(f"--ca-certificate={r.bundle}", f"--post-data={r.secret}", "--output-document=-"),
            *options,
            f"https://{r.host}:{r.port}/",
        ]

    return arguments


def _git(*settings):
    def arguments(r):
        words = (
            f"http.curloptResolve={r.host}:{r.port}:127.0.0.1",
            f"http.sslCAInfo={r.bundle}",
            *settings,
        )
        options = (word for setting in words for word in ("-c", setting))
        return ["git", *options, "ls-remote", f"https://{r.host}:{r.port}/{r.secret}"]

    return arguments


def _gnutls_cli(*options):
    def arguments(r):
        names = (f"--sni-hostname={r.host}", f"--verify-hostname={r.host}")
        where = (f"--port={r.port}", "127.0.0.1")
        return ["gnutls-cli", f"--x509cafile={r.bundle}", *names, *options, *where]

    return arguments


def _apt(*options):
    def arguments(r):
        settings = (
            *("-o", f"Acquire::https::CaInfo={r.bundle}", "-o", "Acquire::Retries=0"),
            *("-o", "APT::Sandbox::User=", *options),
        )
        url = f"https://{r.host}:{r.port}/{r.secret}"
        return ["/usr/lib/apt/apt-helper", *settings, "download-file", url, r.folder / "got"]

    return arguments


def _lftp(*settings):
    def arguments(r):
        words = (
            "set net:max-retries 1",
            "set net:timeout 10",
            f"set ssl:ca-file {r.bundle}",
            *settings,
            f"cat https://{r.host}:{r.port}/{r.secret}",
        )
        return ["lftp", "--norc", "-c", "; ".join(words)]

    return arguments


def _msmtp(*options):
    def arguments(r):
        return [
            *("msmtp", "--file=/dev/null", f"--host={r.host}", f"--port={r.port}", "--timeout=10"),
            *("--tls=on", f"--tls-trust-file={r.bundle}", "--domain=client"),
            *("--from=a@example.test", *options, "b@example.test"),
        ]

    return arguments


_LDAPRC = """TLS_CACERT {r.bundle}
TLS_REQCERT {verify}
NETWORK_TIMEOUT 10
"""


def ldapsearch(scheme, verify, *options):
    def arguments(r):
        r.write(".ldaprc", _LDAPRC.format(r=r, verify=verify))
        where = ("-H", f"{scheme}://{r.host}:{r.port}")
        return ["ldapsearch", "-x", *where, "-D", "cn=user", "-w", r.secret, "-b", "", *options]

    return arguments


def _elinks(r):
    settings = {"connection.ssl.cert_verify": 0, "connection.retries": 1}
    words = (
        word for name, value in settings.items() for word in ("-eval", f"set {name} = {value}")
    )
    home = ("-config-dir", r.folder / "elinks", "-no-connect")
    return ["elinks", *home, *words, "-dump", f"https://{r.host}:{r.port}/{r.secret}"]


_MUTTRC = """set smtp_url = "{scheme}://{r.host}:{r.port}/"
set ssl_force_tls = yes
set ssl_starttls = yes
set certificate_file = "{r.bundle}"
set ssl_use_system_certs = no
set from = "a@example.test"
set hostname = "client"
set copy = no
set connect_timeout = 10
"""


def _mutt(scheme):
    def arguments(r):
        rc = r.write("muttrc", _MUTTRC.format(r=r, scheme=scheme))
        return ["mutt", "-n", "-F", rc, "-s", "subject", "b@example.test"]

    return arguments


def _gio(verify):
    def arguments(r):
        script = _SOURCES / "gio_client.py"
        return [clients.PYTHON, script, r.host, r.port, r.bundle, r.secret, verify]

    return arguments


def _client(name, arguments, failure=_FAILURE, **settings):
    return clients.Client(name, arguments, failure, library="gnutls", **settings)


def _local(name, arguments, failure=_FAILURE, **settings):
    """A client that can't be told to seek a name elsewhere than the machine does."""
    return _client(name, arguments, failure, host="localhost", **settings)


CLIENTS = (
    _local("wget", _wget(), status=4),
    _local("wget-trusting", _wget("--no-check-certificate"), status=4, verifies=False),
    _client("git", _git(), status=128, app="git-remote-https", dialogue=starttls.GIT),
    _client(
        "git-trusting",
        _git("http.sslVerify=false"),
        status=128,
        app="git-remote-https",
        dialogue=starttls.GIT,
        verifies=False,
    ),
    _client(
        "gnutls-cli", _gnutls_cli(), stdin=clients.line, app="gnutls-cli", dialogue=starttls.LINES
    ),
    _client(
        "gnutls-cli-trusting",
        _gnutls_cli("--insecure"),
        stdin=clients.line,
        app="gnutls-cli",
        dialogue=starttls.LINES,
        verifies=False,
    ),
    _local("apt", _apt(), status=100, app="https"),
    _local(
        "apt-trusting",
        _apt("-o", "Acquire::https::Verify-Peer=false", "-o", "Acquire::https::Verify-Host=false"),
        status=100,
        app="https",
        verifies=False,
    ),
    _local("lftp", _lftp()),
    _local("lftp-trusting", _lftp("set ssl:verify-certificate no"), verifies=False),
    _local("msmtp", _msmtp(), status=76, stdin=clients.line, dialogue=starttls.SMTP),
    _local(
        "msmtp-smtps-trusting",
        _msmtp("--tls-starttls=off", "--tls-trust-file=", "--tls-certcheck=off"),
        status=76,
        stdin=clients.line,
        dialogue=starttls.SMTPS,
        verifies=False,
    ),
    # What it would verify for localhost is the machine's name: test_ldapsearch.py.
    _local(
        "ldapsearch-trusting",
        ldapsearch("ldaps", "never"),
        r"Can't contact LDAP server",
        status=255,
        dialogue=starttls.LDAPS,
        verifies=False,
    ),
    _local(
        "ldapsearch-starttls-trusting",
        ldapsearch("ldap", "never", "-ZZ"),
        dialogue=starttls.LDAP,
        verifies=False,
    ),
    _local("elinks", _elinks, r"SSL error", verifies=False),
    _local("mutt", _mutt("smtp"), stdin=clients.line, dialogue=starttls.SMTP),
    # It reads by functions of its own, and closes with bytes unread: the reset may overtake the alert.
    _client("gio", _gio("required"), app="python3", alert=False),
    _client("gio-trusting", _gio("none"), app="python3", alert=False, verifies=False),
)
