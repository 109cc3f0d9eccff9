"""Real programs that send a secret by mail or by FTP: TLS from the start, or after STARTTLS."""

import clients
import product
import starttls

_SOURCES = product.PROJECT / "tests" / "clients"


def _curl(scheme, *options):
    def arguments(r):
        return [
            *clients.curl_words(r),
            *(() if scheme == "smtp" else ("--user", f"user:{r.secret}")),
            *options,
            f"{scheme}://{r.host}:{r.port}/",
        ]

    return arguments


_MESSAGE = ("--mail-from", "a@example.test", "--mail-rcpt", "b@example.test", "--upload-file", "-")
_REQUIRED = "--ssl-reqd"
_NO_FILE = "--head"  # of FTP: logs in, and asks for none


def _python(interface, mode):
    def arguments(r):
        script = _SOURCES / "python_starttls.py"
        return [clients.PYTHON, script, interface, r.host, r.port, r.bundle, r.secret, mode]

    return arguments


def _swaks(*options):
    def arguments(r):
        return [
            *(
                "swaks",
                "--server",
                "127.0.0.1",
                "--port",
                r.port,
                "--timeout",
                "10",
                "--helo",
                "client",
            ),
            *("--tls-sni", r.host, "--from", "a@example.test", "--to", "b@example.test"),
            *("--body", r.secret, *options),
        ]

    return arguments


def _swaks_verifying(r):
    return _swaks("--tls", "--tls-verify", "--tls-ca-path", r.bundle)(r)


def _s_nail(scheme, verify, *options):
    def arguments(r):
        settings = {
            "v15-compat": "",
            "mta": f"{scheme}://{r.host}:{r.port}",
            "tls-ca-file": r.bundle,
            "tls-verify": verify,
            "smtp-auth": "none",
            "nosave": "",
            "hostname": "client",
            "from": "a@example.test",
            "socket-connect-timeout": "10",
        }
        words = [f"-S{name}={value}" if value else f"-S{name}" for name, value in settings.items()]
        return ["s-nail", "-:/", *words, *options, "-s", "subject", "b@example.test"]

    return arguments


def _fetchmail(*settings):
    def arguments(r):
        words = (
            f'poll {r.host} protocol IMAP service {r.port} timeout 10 username user password "{r.secret}" '
            f'sslproto "TLS1.2+" sslcertfile {r.bundle} {" ".join(settings)} keep\n'
        )
        rc = r.write("fetchmailrc", words)
        pid_file = r.folder / "fetchmail.pid"
        return ["fetchmail", "--check", "--fetchmailrc", rc, "--pidfile", pid_file]

    return arguments


_CURL_FAILURE = r"curl: \(60\) SSL certificate problem: "
_FAILURE = r"certificate verify failed"


def _curl_client(name, dialogue, scheme, *options, verifies=True):
    stdin = clients.line if "--upload-file" in options else None
    return clients.Client(
        f"curl-{name}",
        _curl(scheme, *options),
        _CURL_FAILURE,
        status=60,
        stdin=stdin,
        dialogue=dialogue,
        verifies=verifies,
    )


def _local(name, arguments, dialogue, *, failure=_FAILURE, verifies=True, **settings):
    """A client that can't be told to seek a name elsewhere than the machine does."""
    return clients.Client(
        name,
        arguments,
        failure,
        host="localhost",
        dialogue=dialogue,
        verifies=verifies,
        **settings,
    )


def _python_client(interface, mode, dialogue):
    return _local(
        f"python-{interface}-{mode}",
        _python(interface, mode),
        dialogue,
        failure="CERTIFICATE_VERIFY_FAILED",
        verifies=mode == "verified",
        app="python3",
        alert=interface != "asyncio",  # drops the connection, as ever
    )


_PYTHON_DIALOGUES = {
    "smtplib": starttls.SMTP,
    "smtplib-ssl": starttls.SMTPS,
    "imaplib": starttls.IMAP,
    "imaplib-ssl": starttls.IMAPS,
    "ftplib": starttls.FTP,
    "asyncio": starttls.SMTP,
}

CLIENTS = (
    _curl_client("smtp-starttls", starttls.SMTP, "smtp", *_MESSAGE, _REQUIRED),
    _curl_client(
        "smtp-insecure",
        starttls.SMTP,
        "smtp",
        *_MESSAGE,
        _REQUIRED,
        "--insecure",
        verifies=False,
    ),
    _curl_client("imap-starttls", starttls.IMAP, "imap", _REQUIRED),
    _curl_client("ftps-explicit", starttls.FTP, "ftp", _NO_FILE, _REQUIRED),
    _curl_client(
        "ftps-insecure", starttls.FTP, "ftp", _NO_FILE, _REQUIRED, "--insecure", verifies=False
    ),
    _curl_client("ftps-implicit", starttls.FTPS, "ftps", _NO_FILE),
    *(
        _python_client(interface, mode, dialogue)
        for interface, dialogue in _PYTHON_DIALOGUES.items()
        for mode in ("verified", "default")
    ),
    clients.Client(
        "swaks",
        _swaks("--tls"),
        _FAILURE,
        status=29,
        dialogue=starttls.SMTP,
        app="perl",
        verifies=False,
    ),
    clients.Client(
        "swaks-verifying", _swaks_verifying, _FAILURE, status=29, dialogue=starttls.SMTP, app="perl"
    ),
    _local(
        "s-nail-starttls",
        _s_nail("smtp", "strict", "-Ssmtp-use-starttls"),
        starttls.SMTP,
        status=4,
        stdin=clients.line,
        app="s-nail",
    ),
    _local(
        "s-nail-smtps-ignore",
        _s_nail("smtps", "ignore"),
        starttls.SMTPS,
        status=4,
        stdin=clients.line,
        app="s-nail",
        verifies=False,
    ),
    _local("fetchmail", _fetchmail("sslcertck"), starttls.IMAP, status=2, good=1),
    _local(
        "fetchmail-imaps-unchecked",
        _fetchmail("ssl", "no sslcertck"),
        starttls.IMAPS,
        status=2,
        good=1,
        verifies=False,
    ),
)
