"""The real programs: how each is told to send a secret, and what its failure looks like."""

import dataclasses
import re
import subprocess
import time
import typing

import attacker
import nss_kit
import pki
import processes
import product
import starttls

PYTHON = "/usr/bin/python3"
_SOURCES = product.PROJECT / "tests" / "clients"


@dataclasses.dataclass(frozen=True)
class Request:
    """What is asked of a client."""

    host: str
    port: int
    bundle: object
    secret: str
    tls: str
    folder: object = None  # the client's own

    def write(self, name, text):
        """A file for the client, for its eyes only."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return path

    @property
    def line(self):
        """The secret alone."""
        return f"{self.secret}\n"

    @property
    def http(self):
        """As typed by hand."""
        return f"GET /{self.secret} HTTP/1.1\r\nHost: {self.host}\r\nConnection: close\r\n\r\n"


@dataclasses.dataclass(frozen=True)
class Client:
    """A program that sends a secret. `verifies`: it refuses certificates of unknown authorities."""

    name: str
    arguments: typing.Callable
    failure: str  # a pattern that its output has when the certificate was refused
    verifies: bool = True
    status: int = 1  # of that failure
    late_status: int = None  # of one that it comes to know later in its run
    stdin: typing.Callable = None  # what of the request it is fed
    app: str = ""  # its name in events
    alert: bool = True  # what its library wants to say to the server is sent
    good: int = 0  # its status when all went well
    dialogue: starttls.Dialogue = starttls.HTTP  # what it speaks
    host: str = pki.PINNED  # whom it may be told to seek at 127.0.0.1
    attempts: int = 1  # how often it tries
    library: str = "openssl"  # as events name it

    @property
    def refusal(self):
        """The alert that its library sends for a certificate that was refused."""
        return nss_kit.ACCESS_DENIED if self.library == "nss" else attacker.BAD_CERTIFICATE

    @property
    def event_app(self):
        """What events call it."""
        return self.app or self.name.split("-")[0]

    def run(self, request, folder, policy=None, preload=False):
        """Runs it; with a policy, under the shim: by the command, or by LD_PRELOAD alone."""
        words = self.arguments(request)
        path = getattr(policy, "path", policy)
        if path and not preload:
            words = [*product.under_shim(path), *words]
        env = processes.plain_environment(folder)
        if path:
            env = product.preloaded(folder, path) if preload else product.environment(folder)
        return processes.run(words, env=env, stdin=self.stdin(request) if self.stdin else "")

    def failed_as_usual(self, done):
        """True where it says what it says of any bad certificate."""
        return (
            done.status in (self.status, self.late_status)
            and re.search(self.failure, done.output) is not None
        )


def typed(request):
    """A client is fed the request as typed by hand."""
    return request.http


def line(request):
    """A client is fed the secret."""
    return request.line


def curl_words(r):
    """What starts curl: it trusts the bundle, and finds the host on this machine."""
    quietly = ["curl", "--silent", "--show-error", "--max-time", "20"]
    return quietly + ["--cacert", r.bundle, "--resolve", f"{r.host}:{r.port}:127.0.0.1"]


def _curl(*options):
    def arguments(r):
        return [
            *curl_words(r),
            f"--tlsv{r.tls}",
            "--tls-max",
            r.tls,
            *options,
            "--data",
            r.secret,
            f"https://{r.host}:{r.port}/",
        ]

    return arguments


def python_words(r, interface, verify):
    """What starts the python client: verify is "required" or "none"."""
    script = _SOURCES / "python_client.py"
    return [PYTHON, script, interface, r.host, r.port, r.bundle, r.secret, r.tls, verify]


def _python(interface, verify):
    return lambda r: python_words(r, interface, verify)


def _s_client(*options):
    def arguments(r):
        return [
            "openssl",
            "s_client",
            "-connect",
            f"127.0.0.1:{r.port}",
            "-servername",
            r.host,
            "-CAfile",
            r.bundle,
            "-tls1_2" if r.tls == "1.2" else "-tls1_3",
            "-ign_eof",
            *options,
        ]

    return arguments


def _s_client_strict(r):
    return _s_client("-verify_return_error", "-verify_hostname", r.host)(r)


def _perl(mode):
    def arguments(r):
        version = "TLSv1_2" if r.tls == "1.2" else "TLSv1_3"
        return [
            "perl",
            _SOURCES / "perl_client.pl",
            r.host,
            r.port,
            r.bundle,
            r.secret,
            version,
            mode,
        ]

    return arguments


def _socat(verify):
    def arguments(r):
        return [
            "socat",
            "-T",
            "10",
            "-t",
            "10",
            "-",
            f"openssl:127.0.0.1:{r.port},snihost={r.host},commonname={r.host},cafile={r.bundle},"
            f"verify={verify},"
            f"min-version=TLS{r.tls},max-version=TLS{r.tls}",
        ]

    return arguments


_CURL_FAILURE = r"curl: \(60\) SSL certificate problem: "
_PYTHON_FAILURE = r"SSLCertVerificationError|CERTIFICATE_VERIFY_FAILED"
_LIBRARY_FAILURE = r"certificate verify failed"

CLIENTS = (
    Client("curl", _curl(), _CURL_FAILURE, status=60),
    Client(
        "curl-insecure",
        _curl("--insecure"),
        r"curl: \(60\)|curl: \(35\)",
        status=60,
        verifies=False,
    ),
    Client("curl-http2", _curl("--http2"), _CURL_FAILURE, status=60),
    *(
        Client(
            f"python-{interface}{'' if verify == 'required' else '-unverified'}",
            _python(interface, verify),
            _PYTHON_FAILURE,
            verifies=verify == "required",
            app="python3",
            alert=interface != "asyncio",
        )  # asyncio drops the connection, whatever was wrong with a certificate
        for interface in ("ssl", "lazy-ssl", "http.client", "urllib", "asyncio")
        for verify in ("required", "none")
    ),
    Client("s_client", _s_client(), _LIBRARY_FAILURE, stdin=typed, verifies=False, app="openssl"),
    Client("s_client-strict", _s_client_strict, _LIBRARY_FAILURE, stdin=typed, app="openssl"),
    Client("perl", _perl(1), _LIBRARY_FAILURE, status=255),
    Client("perl-unverified", _perl(0), _LIBRARY_FAILURE, status=255, verifies=False),
    Client("socat", _socat(1), _LIBRARY_FAILURE, stdin=typed),
    Client("socat-unverified", _socat(0), _LIBRARY_FAILURE, stdin=typed, verifies=False),
)
BY_NAME = {client.name: client for client in CLIENTS}


class OnRequest:
    """A python program that lives on, and connects when it is asked to. `prefix`: words before it."""

    def __init__(self, folder, certificates, port, policy=None, tls="1.3", prefix=()):
        words = _python("on-request", "required")(
            Request(pki.PINNED, port, certificates.bundle, "s3cret", tls)
        )
        if policy:
            words = [*product.under_shim(policy), *words]
        self._process = subprocess.Popen(
            [str(word) for word in (*prefix, *words)],
            env=product.environment(folder),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    @property
    def pid(self):
        """Its process id."""
        return self._process.pid

    def connect(self):
        """ "connected", or the reason why not."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def connect_until(self, done, timeout=processes.STOP_TIMEOUT):
        """Connects until done(outcome) holds, and fails where that takes too long."""
        end = time.monotonic() + timeout
        while not done(outcome := self.connect()):
            assert time.monotonic() < end, f"still {outcome} after {timeout} s"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            _, stderr = self._process.communicate(timeout=processes.STOP_TIMEOUT)
        finally:
            self._process.kill()
        processes.assert_clean(stderr, "python3")


def python_script(
    folder,
    certificates,
    interface,
    port,
    *,
    policy=None,
    tls="1.3",
    host=pki.PINNED,
    secret="s3cret",
):
    """One run of the python client, as strict as it can be."""
    client = Client(interface, _python(interface, "required"), _PYTHON_FAILURE)
    return client.run(Request(host, port, certificates.bundle, secret, tls), folder, policy)
