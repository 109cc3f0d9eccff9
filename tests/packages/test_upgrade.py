"""Upgrades of the packages, while programs run and while every program has the library."""

import pathlib
import re
import socket
import subprocess

import attacker
import bundles
import debian
import pki
import processes
import product
import protection
import pytest

pytestmark = product.needs_root
IMAGE = "/var/lib/pinshim/policy.cdb"


class Underway:
    """A curl in a root that has begun with a page of ours, and goes on to its own once it is let."""

    def __init__(self, root, port):
        self._listener = socket.create_server(("127.0.0.1", 0))
        first = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        words = [
            "curl",
            "-sS",
            "--cacert",
            "/root/ca.pem",
            first,
            f"https://{pki.PINNED}:{port}/secret",
        ]
        self._process = subprocess.Popen(
            root.words(*words),
            env=debian.ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._listener.settimeout(processes.TIMEOUT)
        self._asked, _ = self._listener.accept()
        self.pid = self._process.pid

    def go_on(self):
        """Its status, and all that it has said."""
        self._asked.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 6\r\n\r\nfirst\n")
        said, _ = self._process.communicate(timeout=processes.TIMEOUT)
        return self._process.returncode, said

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._asked.close()
        self._listener.close()


def test_upgrade_takes_protection_from_nobody(pinned, certificates, newer_packages):
    """Neither from what runs, which has the library before, nor from what starts."""
    assert pinned.run("pinshim", "install-preload").status == 0
    preload, library = pinned.preload, pinned.path(protection.LIBRARY).stat().st_ino
    with attacker.Server(certificates.attacker) as server, Underway(pinned, server.port) as client:
        pinned.install(*newer_packages)
        maps = pathlib.Path(f"/proc/{client.pid}/maps").read_text(encoding="utf-8")
        assert re.search(rf"{protection.LIBRARY}\S* \(deleted\)", maps), maps
        status, said = client.go_on()
        assert status == 60 and said.startswith(b"first\ncurl: (60)"), said
        assert attacker.leaked(server.finish()) == b""
    assert pinned.run("dpkg-query", "-Wf", "${Version}", "pinshim").stdout == "0.2.0-1~1"
    assert pinned.path(protection.LIBRARY).stat().st_ino != library
    assert pinned.preload == preload
    for name in protection.CLIENTS:
        protection.assert_protected(pinned, certificates, name)


def make_foreign(image):
    """The image as one of another version's format: to this one, what was made before an upgrade that changes it."""
    changed = bytearray(image.read_bytes())
    at = changed.index(b"pinshim policy\n\0") + 16 + 4  # behind the magic and the byte order
    changed[at : at + 4] = (0xFFFF).to_bytes(4, "little")
    image.write_bytes(changed)


def assert_refused(root, certificates):
    """Nobody is believed."""
    for identity in (certificates.genuine, certificates.attacker):
        done, leaked, _ = protection.ask(root, "curl", identity)
        assert done.status != 0 and leaked == b"" and done.stdout == "", done


@pytest.fixture
def outdated(pinned, certificates):
    """A root whose image the library can't read; every program has the library."""
    assert pinned.run("pinshim", "install-preload").status == 0
    make_foreign(pinned.path(IMAGE))
    assert_refused(pinned, certificates)
    return pinned


def test_upgrade_that_can_t_read_the_image_makes_it_anew(outdated, certificates, newer_packages):
    said = outdated.install(*newer_packages)
    assert f"pinshim: this version can't read {IMAGE}" in said
    protection.assert_protected(outdated, certificates, "curl")


def test_upgrade_that_can_read_the_image_leaves_it(pinned, newer_packages):
    """What the administrator has written since isn't in force before it is compiled."""
    before = pinned.path(IMAGE).read_bytes()
    pinned.write("/etc/pinshim/pinshim.conf", "version = 1;\n")
    assert "can't read" not in pinned.install(*newer_packages)
    assert pinned.path(IMAGE).read_bytes() == before


def test_upgrade_with_a_policy_that_has_an_error(outdated, certificates, newer_packages):
    """It says so, and what can't be read stays what is refused."""
    before = outdated.path(IMAGE).read_bytes()
    outdated.write("/etc/pinshim/pinshim.conf", "version = 1;\nnonsense = 1;\n")
    said = outdated.install(*newer_packages)
    assert "nonsense: unknown key" in said
    assert "no TLS connection until 'pinshim compile' succeeds" in said
    assert outdated.path(IMAGE).read_bytes() == before
    assert_refused(outdated, certificates)


def test_upgrade_makes_a_bundle_s_image_anew_of_the_bundle(root, certificates, newer_packages):
    """Not of the device's own text, which pins nothing."""
    key = bundles.new_key(root.path("/root"))
    root.path("/root/policy").mkdir()
    root.write("/root/policy/pinshim.conf", debian.policy(certificates.genuine.pin))
    bundles.make(root.path("/root/bundle"), root.path("/root/policy"), key)
    agent = f'agent = {{ url = "https://policy.example/bundle"; public_key = "{key.text}"; }};\n'
    root.write("/etc/pinshim/pinshim.conf", f"version = 1;\n{agent}")
    done = root.run("pinshim-agent", "install", "/root/bundle")
    assert done.status == 0, done
    assert root.run("pinshim", "install-preload").status == 0
    make_foreign(root.path(IMAGE))
    said = root.install(*newer_packages)
    assert f"pinshim-agent: this version can't read {IMAGE}" in said
    assert "until" not in said
    protection.assert_protected(root, certificates, "curl")
