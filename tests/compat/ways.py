"""The ways in which a suite is run: without the shim, and under it with three policies."""

import dataclasses
import os
import pathlib
import subprocess

# By which the suites' clients call their servers, not all of them.
SUITES_NAMES = (
    "localhost",
    "127.0.0.1",
    "::1",
    "server.local",
    "smtp.mydomain.local",
    "test.johndoe.net-ssleay.example",
)
NOBODYS_PIN = "sha256//" + "A" * 43 + "="
OTHER_HOSTS = 100  # of each kind of entry


@dataclasses.dataclass(frozen=True)
class Way:
    """`words` come before the command of a suite."""

    name: str
    words: tuple = ()
    events_file: pathlib.Path = None

    def events(self):
        """How many connections were judged untrusted so far."""
        if not self.events_file or not self.events_file.exists():
            return 0
        return len(self.events_file.read_text().splitlines())


def environment(folder):
    """The same for every run. Nothing of the caller's but where programs are."""
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    return {"PATH": os.environ["PATH"], "HOME": str(home), "LC_ALL": "C.UTF-8"}


def _entry(name, more=""):
    return f'{{ name = "{name}"; service = "custom"; pins = ["{NOBODYS_PIN}"]; {more} }}'


def _other_hosts():
    for number in range(OTHER_HOSTS):
        yield _entry(f"h{number}.maas360.test")
        yield _entry(f"d{number}.localhost.test", "include_subdomains = true;")
        yield _entry(f"*.w{number}.example.test")
        yield _entry(f"192.0.2.{number}")


def _write(path, events_file, entries):
    path.write_text(
        "version = 1;\n"
        f'events = {{ file = "{events_file}"; syslog = false; desktop = false; }};\n'
        "domains = (\n  " + ",\n  ".join(entries) + "\n);\n"
    )


def all_ways(build, folder):
    """Without, "empty" (a text policy), "others" (an image), and "control", which pins the suites'
    own servers to a key that nobody has."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.jsonl"):
        old.unlink()
    pinshim = build / "pinshim"
    empty, others, control = (folder / f"{n}.conf" for n in ("empty", "others", "control"))
    empty.write_text("version = 1;\n")
    _write(others, folder / "others.jsonl", _other_hosts())
    _write(control, folder / "control.jsonl", map(_entry, SUITES_NAMES))
    image = folder / "others.cdb"
    subprocess.run([pinshim, "compile", "-o", image, others], check=True, capture_output=True)

    def under(policy):
        return (str(pinshim), "run", "--config", str(policy), "--")

    return {
        "without": Way("without"),
        "empty": Way("empty", under(empty)),
        "others": Way("others", under(image), folder / "others.jsonl"),
        "control": Way("control", under(control), folder / "control.jsonl"),
    }
