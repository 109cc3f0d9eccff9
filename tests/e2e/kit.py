"""Runs the C client of tests/clients/kit, and its server."""

import contextlib
import subprocess

import attacker
import pki
import processes
import product

KIT = product.CLIENTS / "kit"
SERVER = product.CLIENTS / "server"
PSK = bytes(range(16)).hex()  # a pre-shared key, for both ends

# How the handshake is begun; those that read first need a server that speaks first.
WRITERS = (
    "connect",
    "do_handshake",
    "write",
    "write_ex",
    "bio_do_handshake",
    "bio_write",
    "bio_puts",
    "bio_chain",
    "memory_connect",
    "memory_write",
)
READERS = ("read", "read_ex", "peek", "peek_ex", "bio_read", "memory_read")
DRIVERS = WRITERS + READERS
VERIFICATIONS = (
    "none",
    "peer",
    "late-none",
    "callback",
    "callback-forgets",
    "none-callback",
    "instead",
    "instead-none",
    "instead-verifies",
    "instead-overrides",
    "instead-later",
    "store",
)


def answer_for(driver):
    """How a server must answer this driver."""
    return attacker.greet_then_answer_lines if driver in READERS else attacker.answer_lines


class Line(dict):
    """One connection as the client saw it."""

    OUTCOME = ("connection", "handshake", "ssl_error", "queue")  # how its handshake ended

    def __init__(self, text):
        super().__init__(word.split("=", 1) for word in text.split())
        self.text = text

    @property
    def connected(self):
        """True where the handshake came to its end."""
        return self["handshake"] == "ok"

    @property
    def failed_ordinarily(self):
        """True where the handshake ended as one does whose peers have nothing in common."""
        return not self.connected and self["ssl_error"] in ("1", "5")

    @property
    def refused_by_shim(self):
        """The library's own "certificate verify failed", because the certificate was rejected."""
        return (
            self["handshake"] == "failed"
            and self["ssl_error"] == "1"
            and self["queue"] == "20:134"
            and self["verify_result"] == "28"
        )


class Run:
    """A finished client: its lines in the connections' order."""

    LINE = Line

    def __init__(self, finished):
        self.finished = finished
        lines = [self.LINE(text) for text in finished.stdout.splitlines()]
        self.lines = sorted(lines, key=lambda line: int(line["connection"]))

    @property
    def status(self):
        """The exit status: 0 where every connection did all it should."""
        return self.finished.status

    @property
    def line(self):
        """The only line."""
        assert len(self.lines) == 1, str(self.finished)
        return self.lines[0]

    def __repr__(self):
        return str(self.finished)


class Kit:
    """Starts the client in a folder of its own, with or without the shim."""

    PROGRAM, RUN = KIT, Run
    ALERT = attacker.BAD_CERTIFICATE  # of a certificate that was refused

    def __init__(self, folder, certificates):
        self._folder = folder
        self._certificates = certificates

    def __call__(self, port, *options, extra_environment=None, **settings):
        """Runs it to its end; arguments as of `command`."""
        arguments, env = self.command(port, *options, **settings)
        return self.RUN(processes.run(arguments, env={**env, **(extra_environment or {})}))

    def command(
        self,
        port,
        *options,
        policy=None,
        sni=pki.PINNED,
        verify_name=pki.PINNED,
        preload=False,
        prefix=(),
        **settings,
    ):
        """What starts it, and its environment. `policy`: under the shim. `preload`: by LD_PRELOAD
        alone. `prefix`: words before all others. Settings are options."""
        settings = {
            "port": port,
            "ca": self._certificates.bundle,
            "sni": sni,
            "verify_name": verify_name,
            **settings,
        }
        arguments = [self.PROGRAM, *options]
        for name, value in settings.items():
            if value is not None:
                arguments += ["--" + name.replace("_", "-"), value]
        path = getattr(policy, "path", policy)
        if path and not preload:
            arguments = [*product.under_shim(path), *arguments]
        env = (
            product.preloaded(self._folder, path) if preload else product.environment(self._folder)
        )
        if product.sanitizers():  # it is instrumented itself, so leaks are its own, or the shim's
            # But for BIO_f_ssl: OpenSSL 3.0 loses its buffering BIO when such a handshake fails,
            # with or without us.
            leaks = 0 if str(settings.get("drive")).startswith("bio") else 1
            env["ASAN_OPTIONS"] = f"detect_leaks={leaks}:verify_asan_link_order=0"
        return [*prefix, *arguments], env


def outcome(client_kit, identity, policy, **settings):
    """ "connected" or "refused" by a server with this identity, with the bytes that belong to it."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        run = client_kit(server.port, policy=policy, **settings)
        connections = server.finish()
    if run.line.refused_by_shim:
        assert attacker.leaked(connections) == b""
        assert connections[0].alert == attacker.BAD_CERTIFICATE
        return "refused"
    assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run
    return "connected"


class Load:
    """Threads of one client that connect again and again, while a test reads what becomes of it."""

    THREADS = 16

    def __init__(self, client_kit, port, **settings):
        words, env = client_kit.command(port, "--until-eof", threads=self.THREADS, **settings)
        self._process = subprocess.Popen(
            [str(word) for word in words],
            env=env,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.lines = []

    def _read(self, text):
        assert text.startswith("connection="), text + self._process.stdout.read()
        self.lines.append(Line(text))
        return self.lines[-1]

    def next(self):
        """The next connection that has ended; the client ends itself when that takes too long."""
        return self._read(self._process.stdout.readline())

    def finish(self):
        """Every connection there was, once the client has ended by itself."""
        self._process.stdin.close()
        for text in self._process.stdout:
            self._read(text)
        assert self._process.wait(processes.STOP_TIMEOUT) in (0, 1)
        return self.lines

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


class Server:
    """The C server, while it runs."""

    def __init__(self, daemon):
        self._daemon = daemon
        self.port = int(daemon.wait_for_match(r"^port=(\d+)")[1])

    def connections(self, count):
        """What it says about its first `count` connections."""

        def reported(lines):
            return [Line(line) for line in lines if line.startswith("connection=")][:count]

        self._daemon.wait_for(lambda lines: len(reported(lines)) == count)
        return reported(self._daemon.lines)

    def leaked(self, count):
        """How many application bytes it got on its first `count` connections."""
        return sum(int(line["bytes"]) for line in self.connections(count))


class LongServer(Server):
    """The C server for many clients, one after the other."""

    def __init__(self, daemon):
        super().__init__(daemon)
        self.greeting_port = int(daemon.wait_for_match(r"greeting_port=(\d+)")[1])
        self._read = len(daemon.lines)

    def since_last(self):
        """What it says about the connections since the last call, once all of them have ended."""
        self._daemon.say("sync")
        self._daemon.wait_for(lambda lines: "synced" in lines[self._read :])
        lines = self._daemon.lines[self._read :]
        self._read += len(lines)
        return [Line(line) for line in lines if line.startswith("connection=")]


def long_server(folder, identity=None, *, then=None, **settings):
    """A context manager like `server`; flags are settings that are True."""
    arguments = [SERVER, "--commands"]
    for who, prefix in ((identity, ""), (then, "then-")):
        if who:
            arguments += [f"--{prefix}certificate", who.chain_file, f"--{prefix}key", who.key_file]
    for name, value in settings.items():
        arguments += ["--" + name.replace("_", "-"), *([] if value is True else [value])]
    env = product.environment(folder)
    return processes.Daemon(arguments, env=env, stdin=subprocess.PIPE)


@contextlib.contextmanager
def server(folder, identity=None, *options, then=None, policy=None, **settings):
    """Runs the C server with an identity (None: no certificate), `then` for second handshakes."""
    arguments = [SERVER, *options]
    if identity:
        settings = {"certificate": identity.chain_file, "key": identity.key_file, **settings}
    if then:
        settings = {"then_certificate": then.chain_file, "then_key": then.key_file, **settings}
    for name, value in settings.items():
        arguments += ["--" + name.replace("_", "-"), value]
    if policy:
        arguments = [*product.under_shim(policy.path), *arguments]
    with processes.Daemon(arguments, env=product.environment(folder)) as daemon:
        yield Server(daemon)
