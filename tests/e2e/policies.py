"""Policies for the tests, as text, and the events that come of them."""

import base64
import dataclasses
import hashlib
import json
import pathlib
import re

import pki
import processes
import product

# A pin that no key has, and a policy for a test of the command that connects to nobody.
PIN = "sha256//" + base64.b64encode(hashlib.sha256(b"a key").digest()).decode()
TEXT = f"""version = 1;
domains = ( {{ name = "pinned.example"; service = "custom"; pins = ["{PIN}"]; }} );
"""

# docs/policy.md, "Events": what each line about a connection must have.
EVENT_FIELDS = {
    "time",
    "event",
    "verdict",
    "host",
    "port",
    "service",
    "rule",
    "app",
    "pid",
    "uid",
    "library",
    "policy_version",
    "expected_pins",
    "served_chain",
    "verified_chain",
}


def _value(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(str(value))


def entry(name, **settings):
    """One entry of `domains`."""
    settings = {"name": name, **settings}
    return "{ " + " ".join(f"{key} = {_value(value)};" for key, value in settings.items()) + " }"


@dataclasses.dataclass(frozen=True)
class Policy:
    """A policy on disk."""

    path: pathlib.Path
    events_file: pathlib.Path

    def lines(self):
        """Every event so far."""
        if not self.events_file.exists():
            return []
        lines = self.events_file.read_text().splitlines()
        return [json.loads(line) for line in lines if line]

    def about_itself(self):
        """The events about the policy itself."""
        return [event for event in self.lines() if "host" not in event]

    def own_events(self):
        """Their names."""
        return [event["event"] for event in self.about_itself()]

    def events(self):
        """Every event about a connection so far; each must be whole."""
        about = [event for event in self.lines() if "host" in event]
        for event in about:
            assert set(event) == EVENT_FIELDS
        return about

    def event(self):
        """The one event that there must be."""
        events = self.events()
        assert len(events) == 1, events
        return events[0]


def write(
    folder,
    *entries,
    trust=None,
    action=None,
    personas=(),
    switch=None,
    desktop=False,
    events_file=None,
    text="",
):
    """A policy of these entries. `trust`: roots for the shim's own paths. `text`: anything else."""
    folder.mkdir(exist_ok=True)
    events_file = events_file or folder / "events.jsonl"
    lines = ["version = 1;"]
    if switch:
        lines.append(f'ssl_certificate_pinning = "{switch}";')
    if action:
        lines.append(f'action = "{action}";')
    if trust:
        lines.append(f"trust = {{ ca_certificates = {_value(trust)}; }};")
    shown = _value(desktop)
    lines.append(f'events = {{ file = "{events_file}"; syslog = false; desktop = {shown}; }};')
    lines.append("domains = (\n  " + ",\n  ".join(entries) + "\n);")
    lines.append(text)
    path = folder / "pinshim.conf"
    path.write_text("\n".join(lines) + "\n")
    if personas:
        (folder / "persona.d").mkdir()
    for number, persona in enumerate(personas):
        (folder / "persona.d" / f"{number}.conf").write_text(persona)
    return Policy(path, events_file)


def image_of(policy):
    """A policy compiled, beside it."""
    path = policy.path.with_suffix(".cdb")
    words = [product.PINSHIM, "compile", "-o", path, policy.path]
    done = processes.run(words, env=product.environment(path.parent))
    assert done.status == 0, done
    return path


def version_of(image):
    """The policy version that events name."""
    words = [product.PINSHIM, "check", image]
    done = processes.run(words, env=product.environment(image.parent))
    return re.search(r"policy version ([0-9a-f]{16})$", done.stdout)[1]


def replace(path, data):
    """As `pinshim compile` and every careful editor do it."""
    new = path.with_suffix(".new")
    new.write_bytes(data)
    new.rename(path)


def persona(name, *entries, validate=None, inspection=None, roots=(), **settings):
    """A persona as text. `validate`, `inspection`: its switches; `roots`: of the proxy. Settings,
    as `user_groups`, are its own."""
    security = ""
    if validate is not None:
        security += f"  validate_server_certificate = {_value(validate)};\n"
    if inspection is not None:
        files = _value([root.certificate_file for root in roots])
        security += (
            "  use_ssl_inspection_in_corporate_network = "
            f"{{ enabled = {_value(inspection)}; proxy_certificates = {files}; }};\n"
        )
    words = "".join(f" {key} = {_value(value)};" for key, value in settings.items())
    text = f"persona = {{ name = {_value(name)}; version = 1;{words}\n"
    if security:
        text += f"workplace = {{ security = {{\n{security}}}; }};\n"
    if entries:
        text += "domains = (\n  " + ",\n  ".join(entries) + "\n);\n"
    return text + "};\n"


def inspection_persona(*roots):
    """A persona that applies to everyone and lets a proxy with one of these roots inspect."""
    return persona("inspected", inspection=True, roots=roots)


def pinning(folder, *pins, name=pki.PINNED, **more):
    """The usual policy: one name, service "cloud", these pins."""
    return write(folder, entry(name, pins=list(pins)), **more)


def damage(path):
    """One byte in the middle of a file is another one."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)
