"""A busy program for a long time (tests/clients/soak), and curl again and again, on a machine with the agent,
whose installed policy changes each second and is damaged now and then.

No byte may come to the man in the middle, nobody else may be refused, every thread must go on, and memory
and descriptors stay what they are. Root and mount namespaces are needed. Usage: soak.py MINUTES
"""

import collections
import contextlib
import itertools
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

# pylint: disable=wrong-import-position
import agents
import bundles
import namespaces
import pki
import policies
import processes
import product
import servers as web
from samples import Samples
from counting_server import Server

FLIP = 1.0  # seconds
SAMPLE = 5
TELL = 60
CURL_REFUSED = (35, 60)
SEED = 1


class Flips:
    """Policies that agree about who is pinned, one after the other in the machine's place, and damage."""

    def __init__(self, machine, certificates):
        self._machine = machine
        self.good = self.damaged = 0
        genuine = [certificates.genuine.pin]
        crowd = [policies.entry(f"host-{i}.crowd.test", pins=genuine) for i in range(500)]
        pinned = {
            "leaf": [policies.entry(pki.PINNED, pins=genuine)],
            "root": [policies.entry(pki.PINNED, pins=[certificates.root.pin]), *crowd],
            "both": [
                policies.entry(pki.PINNED, pins=[policies.PIN, *genuine]),
                policies.entry(pki.UNPINNED, pins=[certificates.attacker.pin]),
            ],
        }
        self._log = machine.folder / "log"
        self._log.mkdir()
        self._log.chmod(0o777)
        self._images = [
            policies.image_of(
                policies.write(
                    machine.folder / name, *entries, events_file=self._log / "events.jsonl"
                )
            ).read_bytes()
            for name, entries in pinned.items()
        ]
        self._broken = [
            cut(image)
            for image in self._images
            for cut in (
                lambda image: image[:-20],
                lambda image: image[: len(image) // 2],
                lambda image: b"",
                lambda image: b"\0" * len(image),
                lambda image: b"version = 1;\n",
            )
        ]

    def told(self):
        """How often each event was, as far as the files go back."""
        texts = [path.read_text(errors="replace") for path in self._log.iterdir()]
        return dict(
            collections.Counter(re.findall(r'"event":"([a-z-]+)"', "".join(texts))).most_common()
        )

    def begin(self):
        """A whole policy, and one before it."""
        policies.replace(self._machine.image, self._images[0])
        policies.replace(self._machine.before, self._images[1])

    def go_on(self, over):
        """Another policy each second; one of four is damaged."""
        chance = random.Random(SEED)
        while not over.wait(FLIP):
            broken = chance.random() < 0.25
            policies.replace(
                self._machine.image, chance.choice(self._broken if broken else self._images)
            )
            self.damaged, self.good = self.damaged + broken, self.good + (not broken)


class Curls:
    """One curl after the other, of each fate in turn."""

    def __init__(self, machine, certificates, fates):
        self._fates = fates
        self._env = product.environment(machine.folder, product.LIBRARY)
        self._words = machine.inside(
            "curl", "-sS", "--max-time", 60, "--cacert", certificates.bundle
        )
        self.count, self.wrong = 0, []

    def _run(self, host, port, wanted):
        words = ["--resolve", f"{host}:{port}:127.0.0.1", f"https://{host}:{port}/"]
        done = subprocess.run(
            [*self._words, *words],
            env=self._env,
            capture_output=True,
            text=True,
            timeout=processes.TIMEOUT * 2,
            check=False,
        )
        self.count += 1
        if done.returncode not in wanted:
            self.wrong.append(f"curl: {host}: {done.returncode}: {done.stderr}")

    def go_on(self, over):
        """Until it is over."""
        for fate in itertools.cycle(self._fates):
            if over.wait(0.2):
                return
            self._run(*fate)


class Busy:
    """The program with the threads."""

    def __init__(self, machine, certificates, ports, *preloads):
        words = [pki.PINNED, pki.UNPINNED, *ports, certificates.bundle]
        env = product.environment(machine.folder, *preloads)
        env["MALLOC_ARENA_MAX"] = "4"  # more would hide for long what leaks
        self._process = subprocess.Popen(
            machine.inside(product.CLIENTS / "soak", *words),
            env=env,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if preloads else subprocess.DEVNULL,
        )
        self.pid = self._process.pid

    def _read(self):
        line = self._process.stdout.readline()
        assert line, f"the program has ended: {self._process.wait(processes.STOP_TIMEOUT)}"
        return {key: int(value) for key, value in (word.split("=") for word in line.split())}

    def ask(self):
        """How it stands."""
        self._process.stdin.write("?\n")
        self._process.stdin.flush()
        return self._read()

    def finish(self):
        """How it ended."""
        self._process.stdin.close()
        said = self._read()
        assert self._process.wait(processes.TIMEOUT) == 0
        return said

    def kill(self):
        """Where something went wrong before."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()


def bare(machine, certificates, ports):
    """Without the library for a moment: whom the man in the middle gets."""
    busy = Busy(machine, certificates, ports)
    try:
        time.sleep(2)
        return busy.finish()["wrong"]
    finally:
        busy.kill()


@contextlib.contextmanager
def agent_of(machine, folder, certificates):
    """The agent, which has installed a bundle and is asked from now on."""
    key = bundles.new_key(folder)
    files = folder / "files"
    files.mkdir()
    with web.nginx(folder / "nginx", certificates.genuine, files=files) as server:
        site = agents.Site(server, folder, key)
        site.publish(1)
        machine.configure(url=site.url, keys=key)
        with machine.start() as agent:
            agent.wait_for_match("installed version 1, signed by ", timeout=30)
            yield agent
        print(f"agent: {len(site.statuses())} fetches")
        assert len(site.statuses()) > 1, "nobody asked the agent"


@contextlib.contextmanager
def meanwhile(*tasks):
    """Each in a thread, until the end."""
    over = threading.Event()
    threads = [threading.Thread(target=task, args=[over]) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def watch(busy, samples, seconds):
    """Until the time is over; what went wrong."""
    faults = []
    end = time.monotonic() + seconds
    tell = time.monotonic() + TELL
    while (now := time.monotonic()) < end:
        time.sleep(min(SAMPLE, end - now))
        for one in samples:
            one.take()
        if time.monotonic() >= tell:
            tell += TELL
            said = busy.ask()
            print(time.strftime("%H:%M:%S"), said, samples[0].last(), flush=True)
            if said["least"] < 1:
                faults.append(f"a thread made no connection within {TELL} s: {said}")
    return faults


def run(folder, seconds):
    """One soak; what went wrong."""
    (folder / "pki").mkdir()
    certificates = pki.Pki(folder / "pki")
    machine = agents.Machine(folder / "machine", certificates)
    genuine, attacker, unpinned = (
        Server(identity)
        for identity in (certificates.genuine, certificates.attacker, certificates.attacker)
    )
    ports = [genuine.port, attacker.port, unpinned.port]
    assert bare(machine, certificates, ports) and attacker.received, "no attack to be seen"
    attacker.received = 0
    flips = Flips(machine, certificates)
    curls = Curls(
        machine,
        certificates,
        [
            (pki.PINNED, genuine.port, (0,)),
            (pki.PINNED, attacker.port, CURL_REFUSED),
            (pki.UNPINNED, unpinned.port, (0,)),
        ],
    )
    with agent_of(machine, folder, certificates) as agent:
        flips.begin()
        busy = Busy(machine, certificates, ports, product.LIBRARY)
        samples = [Samples("program", busy.pid)]
        pids = [agent.pid, *agents.children_of(agent.pid)]
        samples += [Samples(f"agent {number}", pid) for number, pid in enumerate(pids)]
        try:
            with meanwhile(flips.go_on, curls.go_on):
                faults = watch(busy, samples, seconds)
            said = busy.finish()
        finally:
            busy.kill()
    for one in samples:
        faults += one.faults()
        print(one.name, *(f"{kind}: {a:.0f} -> {b:.0f}" for kind, a, b in one.growth()), sep="  ")
    print(f"{said}, {curls.count} curls, policies: {flips.good} whole and {flips.damaged} damaged")
    print(f"bytes: genuine {genuine.received}, man in the middle {attacker.received}")
    events = flips.told()
    print(f"events: {events}")
    if not {"policy-loaded", "policy-rejected", "untrusted-connection"} <= set(events):
        faults.append(f"the changes weren't taken up: {events}")
    if attacker.received:
        faults.append(f"{attacker.received} bytes came to the man in the middle")
    if attacker.handshakes + genuine.handshakes == 0 or said["refused"] == 0:
        faults.append("nothing was refused")
    if said["wrong"]:
        faults.append(f"{said['wrong']} connections ended in another way than they must")
    return faults + curls.wrong


def main():
    """Status 0: as it must be."""
    if not namespaces.work():
        sys.exit("soak: needs root and mount namespaces")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="pinshim-soak-"))
    folder.chmod(0o755)
    (folder / "machine").mkdir()
    try:
        faults = run(folder, float(sys.argv[1]) * 60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for fault in faults[:50]:
        print("soak:", fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
