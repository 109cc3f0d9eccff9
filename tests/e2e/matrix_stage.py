"""Where the cells of the attack matrix are played: servers that live on, policies, the client."""

import base64
import contextlib
import dataclasses
import re

import impostors
import kit
import pki
import policies
import processes
import product
from matrix_clients import ADDRESS

SECRET, OPEN = "p1nned", "open"  # what is sent to the pinned name, and to any other


@dataclasses.dataclass(frozen=True)
class Played:
    """One run of the client: what it said, and what the server said of its connections."""

    run: kit.Run
    connections: list

    def leaked(self, granted):
        """The bytes that arrived and were for the pinned name, less `granted` secrets."""
        total = 0
        for connection in self.connections:
            data = re.sub(OPEN + r"\.\d+_", "", connection["data"])
            total += len(re.sub(SECRET + r"\.\d+_", "", data, count=granted) if granted else data)
        return total

    def data(self, nested):
        """All that arrived, in no order; without what connections inside a verification sent."""
        said = "".join(connection["data"] for connection in self.connections)
        secrets = re.findall(r"\w+?\.\d+_", said)
        return sorted(s for s in secrets if nested or not re.search(r"\.\d{4}_", s))


def _digest(identity):
    return base64.b64decode(identity.pin.removeprefix("sha256//")).hex()


class Stage:
    """Servers and policies, each made when it is needed first. A context manager."""

    def __init__(self, folder, client):
        self._folder = folder
        self._cast = impostors.Cast(folder)
        self._client = client(folder, self._cast)
        self.alert = client.ALERT
        self._servers, self._policies, self._sessions = {}, {}, {}
        self._running = contextlib.ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._running.close()

    def _identity(self, name):
        return getattr(self._cast, name) if name else None

    def _server(self, cell, twin):
        attack = cell.attack
        name = attack.twin if twin else attack.identity
        flags = dict(attack.twin_server if twin else attack.server)
        if cell.of("tls").name == "dtls1.2":
            flags["datagrams"] = True
        key = (name, *sorted(flags.items()))
        if key not in self._servers:
            then = self._identity(flags.pop("then", None))
            daemon = kit.long_server(self._folder, self._identity(name), then=then, **flags)
            self._servers[key] = kit.LongServer(self._running.enter_context(daemon))
        return key, self._servers[key]

    def _policy(self, name):
        """A compiled policy, by what it pins."""
        if name not in self._policies:
            cast = self._cast
            pinned = {"root": cast.root, "middle": cast.middle}.get(name, cast.genuine)
            personas = (
                [policies.inspection_persona(cast.proxy_root, cast.not_an_authority)]
                if name == "proxy"
                else ()
            )
            text = policies.write(
                self._folder / name,
                *(policies.entry(host, pins=[pinned.pin]) for host in (pki.PINNED, ADDRESS)),
                trust=[cast.root.certificate_file],
                personas=personas,
            )
            image = self._folder / f"{name}.cdb"
            words = [product.PINSHIM, "compile", "-o", image, text.path]
            done = processes.run(words, env=product.environment(self._folder))
            assert done.status == 0, done
            self._policies[name] = image
        return self._policies[name]

    def _prepared_session(self, cell, key, server):
        """A file with a session that was made without the shim."""
        tls = cell.of("tls").name
        if (key, tls) not in self._sessions:
            path = self._folder / f"session-{len(self._sessions)}.pem"
            run = self._client(server.port, tls=tls, verify="none", session_out=path)
            assert run.status == 0, run
            server.since_last()
            self._sessions[key, tls] = path
        return self._sessions[key, tls]

    def _tlsa(self, attack):
        names = {attack.identity, attack.twin, attack.server.get("then")} - {"", None}
        return ",".join(_digest(self._identity(name)) for name in sorted(names))

    def _settings(self, cell, twin):
        settings = {"secret": SECRET}
        for value in cell.values:
            settings.update(value.options)
        if twin and not cell.rejected:  # a session that the genuine server made would prove nothing
            settings = {k: v for k, v in settings.items() if k != "resume"}
        if cell.twice:
            names = {name: settings[name] for name in ("sni", "verify_name")}
            settings |= {"count": 2, "secret": OPEN, "then_secret": SECRET}
            settings |= {name: value and pki.UNPINNED for name, value in names.items()}
            settings |= {"then_" + name: value for name, value in names.items()}
        settings |= {"drive": cell.of("driver").name, "verify": cell.of("verify").name}
        if cell.of("verify").name == "dane":
            settings["tlsa"] = self._tlsa(cell.attack)
        return settings

    def play(self, cell, *, twin=False, shim=False):
        """The client of this cell, with the attacker or his genuine twin."""
        key, server = self._server(cell, twin)
        settings = self._settings(cell, twin)
        if cell.attack.prepared and not (twin and not cell.rejected):
            settings["session_in"] = self._prepared_session(cell, key, server)
        flags = ["--" + name.replace("_", "-") for name, value in settings.items() if value is True]
        settings = {name: value for name, value in settings.items() if value is not True}
        port = server.greeting_port if cell.of("driver").reads else server.port
        policy = self._policy(cell.attack.policy) if shim else None
        try:
            run = self._client(port, *flags, policy=policy, preload=shim, **settings)
        finally:
            connections = server.since_last()
        return Played(run, connections)
