"""The life of the packages in an empty Debian root: installed, in use, upgraded, removed, purged."""

import pathlib
import re
import socket
import subprocess

import attacker
import debian
import pki
import processes
import product
import pytest

pytestmark = product.needs_root
LIBRARY = f"/usr/lib/{product.multiarch()}/pinshim/libpinshim.so"
CLIENTS = {
    "curl": ("curl", "-sS", "-m", "20", "--cacert", "/root/ca.pem"),
    "wget": ("wget", "-q", "-O", "-", "--tries=1", "--timeout=20", "--ca-certificate=/root/ca.pem"),
}
RUN = ("pinshim", "run", "--")
# What dpkg and apt keep of any package, and the user that stays, as the owner of files elsewhere.
KEPT = ("var/lib/dpkg/", "var/lib/apt/", "var/cache/", "var/log/", "etc/passwd-", "etc/shadow-")
KEPT += ("etc/group-", "etc/gshadow-", "etc/.pwd.lock", "etc/ld.so.cache", "tmp/")


def ask(root, name, identity, *before):
    """What one client does before a server: its end, and the bytes that the server got."""
    with attacker.Server(identity) as server:
        done = root.run(*before, *CLIENTS[name], f"https://{pki.PINNED}:{server.port}/secret")
        connections = server.finish()
    assert connections, done
    return done, attacker.leaked(connections), connections[0].alert


def assert_protected(root, certificates, name, *before):
    """Refused before a man in the middle, and nothing else changes."""
    done, leaked, _ = ask(root, name, certificates.attacker, *before)
    assert done.status != 0 and leaked == b"" and done.stdout == "", done
    assert "cannot be preloaded" not in done.output
    done, leaked, _ = ask(root, name, certificates.genuine, *before)
    assert done.status == 0 and b"GET /secret" in leaked, done
    assert done.stdout.encode() == attacker.BODY


def assert_unprotected(root, certificates, name):
    """The attack works."""
    done, leaked, _ = ask(root, name, certificates.attacker)
    assert done.status == 0 and b"GET /secret" in leaked and done.stderr == "", done


def assert_no_preload(root):
    """No program has the library, and none complains."""
    assert root.preload is None
    done = root.run("cat", "/proc/self/maps")
    assert "pinshim" not in done.stdout and done.stderr == "", done


def test_installing_alone_changes_no_program(root, certificates):
    assert_no_preload(root)
    for name in CLIENTS:
        assert_unprotected(root, certificates, name)


@pytest.mark.parametrize("name", CLIENTS)
def test_protected_right_after_the_install_and_one_policy(pinned, certificates, name):
    assert_unprotected(pinned, certificates, name)
    assert_protected(pinned, certificates, name, *RUN)
    done = pinned.run("pinshim", "install-preload")
    assert done.status == 0 and done.output == "", done
    assert pinned.preload == "/usr/$LIB/pinshim/libpinshim.so\n"
    assert_protected(pinned, certificates, name)


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
    preload, library = pinned.preload, pinned.path(LIBRARY).stat().st_ino
    with attacker.Server(certificates.attacker) as server, Underway(pinned, server.port) as client:
        pinned.install(*newer_packages)
        maps = pathlib.Path(f"/proc/{client.pid}/maps").read_text(encoding="utf-8")
        assert re.search(rf"{LIBRARY}\S* \(deleted\)", maps), maps
        status, said = client.go_on()
        assert status == 60 and said.startswith(b"first\ncurl: (60)"), said
        assert attacker.leaked(server.finish()) == b""
    assert pinned.run("dpkg-query", "-Wf", "${Version}", "pinshim").stdout == "0.2.0-1~1"
    assert pinned.path(LIBRARY).stat().st_ino != library
    assert pinned.preload == preload
    for name in CLIENTS:
        assert_protected(pinned, certificates, name)


def left_of(before, root):
    """What is there now and wasn't, but for what is kept of any package."""
    return {path for path in root.tree() - before if not path.startswith(KEPT)}


def test_removed_while_every_program_has_the_library(pinned, certificates):
    assert pinned.run("pinshim", "install-preload").status == 0
    said = pinned.apt("remove", "pinshim", "libpinshim0")
    assert "taking the library out of /etc/ld.so.preload" in said
    assert_no_preload(pinned)
    for name in CLIENTS:
        assert_unprotected(pinned, certificates, name)
    assert pinned.path("/etc/pinshim/pinshim.conf").exists()
    assert pinned.path("/var/lib/pinshim/policy.cdb").exists()


def test_others_preloads_stay(pinned):
    other = f"/usr/lib/{product.multiarch()}/libm.so.6\n"
    pinned.write("/etc/ld.so.preload", other)
    assert pinned.run("pinshim", "install-preload").status == 0
    assert "libpinshim" in pinned.preload
    pinned.apt("purge", "pinshim", "libpinshim0")
    assert pinned.preload == other


@pytest.mark.parametrize("command", (True, False), ids=("with-the-command", "without-the-command"))
@pytest.mark.parametrize("other", ("", "# others'\nlibm.so.6"), ids=("alone", "with-others"))
def test_library_that_is_removed_by_force(pinned, command, other):
    pinned.write("/etc/ld.so.preload", other)
    assert pinned.run("pinshim", "install-preload").status == 0
    if not command:
        pinned.path("/usr/bin/pinshim").unlink()
    done = pinned.run("dpkg", "--force-depends", "-r", "libpinshim0")
    assert done.status == 0 and "cannot be preloaded" not in done.output, done
    assert not pinned.path(LIBRARY).exists()
    assert (pinned.preload or "").strip() == other
    assert pinned.run("true").output == ""


def test_where_the_library_can_t_be_taken_out_the_package_stays(pinned):
    assert pinned.run("pinshim", "install-preload").status == 0
    pinned.path("/usr/bin/pinshim").write_text("#!/bin/sh\nexit 1\n")
    done = pinned.run("dpkg", "-r", "pinshim-agent", "pinshim")
    assert done.status != 0, done
    assert pinned.path("/usr/bin/pinshim").exists() and pinned.path(LIBRARY).exists()


def test_purge_leaves_nothing(prepared, root):
    before = prepared.tree()
    root.write("/var/lib/pinshim/bundle", "")
    root.write("/var/log/pinshim/events.jsonl", "")
    assert left_of(before, root)
    root.apt("purge", "pinshim", "pinshim-agent", "libpinshim0")
    assert left_of(before, root) == set()
    assert before - root.tree() == set()
    assert not [path for path in root.tree() if path.startswith("var/log/pinshim")]
    status = root.path("/var/lib/dpkg/status").read_text(encoding="utf-8")
    assert "Package: libpinshim0" not in status and "Package: pinshim" not in status


def test_purge_keeps_what_the_administrator_has_written(prepared, pinned):
    pinned.apt("purge", "pinshim", "pinshim-agent", "libpinshim0")
    assert left_of(prepared.tree(), pinned) == {"etc/pinshim", "etc/pinshim/pinshim.conf"}


def test_agent_is_enabled_and_has_its_user(root):
    wanted = root.path("/etc/systemd/system/multi-user.target.wants/pinshim-agent.service")
    assert wanted.is_symlink()
    assert root.run("id", "pinshim").status == 0
    for path in ("/var/log/pinshim", "/var/lib/pinshim/reports"):
        assert root.run("stat", "-c", "%U", path).stdout == "pinshim\n"
    assert root.run("pinshim-agent", "--version").status == 0


@pytest.mark.parametrize(
    "text, starts",
    (
        ("version = 1;\nagent = { };\n", True),
        ("version = 1; agent: { };", True),
        ("version = 1;\ndomains = ();\n", False),
        (None, False),
    ),
)
def test_agent_starts_only_where_it_has_something_to_do(root, text, starts):
    unit = root.path("/lib/systemd/system/pinshim-agent.service").read_text(encoding="utf-8")
    condition = next(line for line in unit.splitlines() if line.startswith("ExecCondition="))
    words = condition.partition("=")[2]
    if text:
        root.write("/etc/pinshim/pinshim.conf", text)
    assert (root.run("sh", "-c", words).status == 0) == starts
    root.write("/var/lib/pinshim/bundle", "")
    assert root.run("sh", "-c", words).status == 0


def test_examples_name_the_library_s_own_place(root):
    examples = root.path("/usr/share/doc/pinshim/examples")
    named = [path for path in examples.rglob("*.conf") if LIBRARY in path.read_text("utf-8")]
    assert {path.name for path in named} == {"60-pinshim.conf", "pinshim.conf"}
    assert not [
        path
        for path in examples.rglob("*")
        if path.is_file() and b"/usr/local/lib" in path.read_bytes()
    ]
