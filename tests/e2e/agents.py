"""pinshim-agent on a machine of its own: what stands there for /etc, /var/lib and /run is a test's folder."""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import time

import bundles
import namespaces
import pki
import policies
import processes
import product

AGENT = product.BUILD / "pinshim-agent"
HOST = pki.PINNED  # of the server of bundles


class Machine:
    """A folder that others may look into, with copies of the agent and its library."""

    def __init__(self, folder, certificates):
        self.folder = folder
        self.etc, self.lib, self.run = folder / "etc", folder / "lib", folder / "run"
        self.state = self.lib / "pinshim"
        self.image, self.before = self.state / "policy.cdb", self.state / "policy.cdb~"
        self.bundle, self.past = self.state / "bundle", self.state / "agent.state"
        self.socket = self.run / "pinshim" / "agent.sock"
        self.agent = folder / "bin" / AGENT.name
        self.agent.parent.mkdir()
        for file in AGENT, product.LIBRARY:
            shutil.copy(file, self.agent.parent)
        subprocess.run(["cp", "-a", "/etc", self.etc], check=True)
        shutil.rmtree(self.etc / "pinshim", ignore_errors=True)
        for place in self.lib, self.state, self.run, self.etc / "pinshim":
            place.mkdir()
        (self.etc / "hosts").unlink(missing_ok=True)
        (self.etc / "hosts").write_text(f"127.0.0.1 localhost {HOST}\n")
        roots = self.etc / "ssl" / "certs" / "ca-certificates.crt"
        roots.unlink(missing_ok=True)
        shutil.copy(certificates.bundle, roots)
        roots.chmod(0o644)

    def inside(self, *words):
        """Words that run there."""
        places = {"/etc": self.etc, "/var/lib": self.lib, "/run": self.run}
        script = "\n".join(namespaces.covering(*place) for place in places.items())
        return [*namespaces.inside(script), *map(str, words)]

    def environment(self, **changes):
        """The service's: the sanitizers' runtimes, where there are any."""
        return {**product.environment(self.folder), **changes}

    def configure(self, *, url, keys, interval="1h", entries=(), text=""):
        """The local pinshim.conf."""
        if isinstance(keys, bundles.Key):
            keys = [keys]
        words = ", ".join(f'"{key.text}"' for key in keys)
        listed = ",\n  ".join(entries)
        (self.etc / "pinshim" / "pinshim.conf").write_text(
            f"version = 1;\n{text}\ndomains = (\n  {listed}\n);\n"
            f'agent = {{ url = "{url}"; public_key = [{words}]; interval = "{interval}"; }};\n'
        )

    def compile(self):
        """Installs the local policy, as an administrator does."""
        words = self.inside(product.PINSHIM, "compile")
        done = processes.run(words, env=self.environment())
        assert done.status == 0, done

    def start(self, **changes):
        """The agent as a service runs it."""
        return processes.Daemon(self.inside(self.agent), env=self.environment(**changes))

    def install(self, bundle, *, prefix=(), **changes):
        """`pinshim-agent install`, which may end by a signal."""
        words = self.inside(*prefix, self.agent, "install", bundle)
        return product.run(words, self.environment(**changes))

    def version(self):
        """The image's policy version; None: there is no image."""
        return policies.version_of(self.image) if self.image.exists() else None

    def explain(self, host):
        """What the policy in force says of a host."""
        words = self.inside(product.PINSHIM, "explain", "--json", host)
        done = processes.run(words, env=self.environment())
        assert done.status == 0, done
        return json.loads(done.stdout)

    def wait_for_socket(self, agent):
        """Until somebody can ask the agent; its start ends with a fetch."""
        deadline = time.monotonic() + processes.STOP_TIMEOUT
        while True:
            try:
                return self.connect().close()
            except OSError:
                assert time.monotonic() < deadline, agent.lines
                select.select([], [], [], 0.01)

    def hang_up(self, agent):
        """As `systemctl reload` does."""
        os.kill(agent.pid, signal.SIGHUP)

    def refresh(self):
        """`pinshim refresh` there."""
        words = self.inside(product.PINSHIM, "refresh")
        return product.run(words, self.environment())

    def connect(self):
        """A connection to its socket, in this process."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as made:
            made.connect(str(self.socket))
            made.settimeout(processes.STOP_TIMEOUT)
            return made.dup()

    def ask(self, request=b"refresh host.example"):
        """What the agent answers; nothing where it closes."""
        with self.connect() as asker:
            asker.settimeout(processes.STOP_TIMEOUT)
            asker.send(request)
            return asker.recv(100)


class Site:
    """nginx that serves a bundle."""

    def __init__(self, server, folder, key):
        self._log = folder / "nginx" / "access.log"
        self._folder, self._key = folder, key
        self.files = folder / "files"
        self.url = f"https://{HOST}:{server.port}/bundle"

    def publish(self, version, key=None, second=None, **settings):
        """Puts a bundle there, at once, of a second of its own if it isn't said."""
        made = self._folder / "next"
        policy = policy_folder(self._folder / f"v{version}", version, **settings)
        bundles.make(made, policy, key or self._key, version=version)
        os.utime(made, (second or version,) * 2)  # nginx makes an ETag of a second and a size
        made.rename(self.files / "bundle")

    def replace(self, data, second):
        """Puts these bytes there, of another second than what was there before."""
        made = self._folder / "next"
        made.write_bytes(data)
        os.utime(made, (second, second))
        made.rename(self.files / "bundle")

    def statuses(self):
        """Of every answer so far."""
        return [int(line.split('" ')[1].split()[0]) for line in self._log.read_text().splitlines()]


def policy_folder(folder, number, *, host=None, pin=policies.PIN, text=""):
    """A policy that others tell by a name of its own: vN.example."""
    folder.mkdir(exist_ok=True)
    entries = [policies.entry(f"v{number}.example", pins=[pin], service="custom")]
    if host:
        entries.append(policies.entry(host, pins=[pin], service="custom"))
    events = folder.parent / "events.jsonl"
    policies.write(folder, *entries, events_file=events, text=text)
    return folder


def children_of(pid):
    """The processes below one, its own first; none below one that has ended."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            found = [int(word) for word in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return found + [pid for child in found for pid in children_of(child)]


def status_of(pid):
    """/proc/PID/status, as words."""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
        return dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)


@contextlib.contextmanager
def watch(pid):
    """A function that waits for the end of a process which is nobody's child here."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        yield lambda: True
        return
    poller = select.poll()
    poller.register(descriptor, select.POLLIN)
    try:
        yield lambda: bool(poller.poll(processes.STOP_TIMEOUT * 1000))
    finally:
        os.close(descriptor)


def first_installed(agent):
    """Version 1."""
    agent.wait_for_match("installed version 1, signed by ", timeout=30)
