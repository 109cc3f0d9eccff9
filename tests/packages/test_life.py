"""The life of the packages in an empty Debian root: installed, in use, upgraded, removed, purged."""

import subprocess

import product
import protection
import pytest

pytestmark = product.needs_root
# What dpkg and apt keep of any package, and the user that stays, as the owner of files elsewhere.
KEPT = ("var/lib/dpkg/", "var/lib/apt/", "var/cache/", "var/log/", "etc/passwd-", "etc/shadow-")
KEPT += ("etc/group-", "etc/gshadow-", "etc/.pwd.lock", "etc/ld.so.cache", "tmp/")


def test_installing_alone_changes_no_program(root, certificates):
    protection.assert_no_preload(root)
    for name in protection.CLIENTS:
        protection.assert_unprotected(root, certificates, name)


@pytest.mark.parametrize("name", protection.CLIENTS)
def test_protected_right_after_the_install_and_one_policy(pinned, certificates, name):
    protection.assert_unprotected(pinned, certificates, name)
    protection.assert_protected(pinned, certificates, name, *protection.RUN)
    done = pinned.run("pinshim", "install-preload")
    assert done.status == 0 and done.output == "", done
    assert pinned.preload == "/usr/$LIB/pinshim/libpinshim.so\n"
    protection.assert_protected(pinned, certificates, name)


def left_of(before, root):
    """What is there now and wasn't, but for what is kept of any package."""
    return {path for path in root.tree() - before if not path.startswith(KEPT)}


def test_removed_while_every_program_has_the_library(pinned, certificates):
    assert pinned.run("pinshim", "install-preload").status == 0
    said = pinned.apt("remove", "pinshim", "libpinshim0")
    assert "taking the library out of /etc/ld.so.preload" in said
    protection.assert_no_preload(pinned)
    for name in protection.CLIENTS:
        protection.assert_unprotected(pinned, certificates, name)
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
    assert not pinned.path(protection.LIBRARY).exists()
    assert (pinned.preload or "").strip() == other
    assert pinned.run("true").output == ""


def test_where_the_library_can_t_be_taken_out_the_package_stays(pinned):
    assert pinned.run("pinshim", "install-preload").status == 0
    pinned.path("/usr/bin/pinshim").write_text("#!/bin/sh\nexit 1\n")
    done = pinned.run("dpkg", "-r", "pinshim-agent", "pinshim")
    assert done.status != 0, done
    assert pinned.path("/usr/bin/pinshim").exists() and pinned.path(protection.LIBRARY).exists()


def usurper(folder, name):
    """A package that would take the place of this one, and fails to."""
    control = folder / "usurper" / "DEBIAN"
    control.mkdir(parents=True)
    (control / "control").write_text(
        "Package: usurper\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@localhost>\n"
        f"Conflicts: {name}\nReplaces: {name}\nDescription: takes the place of another\n"
    )
    (control / "preinst").write_text("#!/bin/sh\ncat /etc/ld.so.preload\nexit 1\n")
    (control / "preinst").chmod(0o755)
    words = ["dpkg-deb", "--root-owner-group", "-b", control.parent]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return folder / "usurper.deb"


@pytest.mark.parametrize("name", ("pinshim", "libpinshim0"))
def test_removal_that_is_aborted_puts_the_library_back(pinned, certificates, tmp_path, name):
    assert pinned.run("pinshim", "install-preload").status == 0
    preload = pinned.preload
    pinned.place(usurper(tmp_path, name), "/tmp/usurper.deb")
    done = pinned.run("dpkg", "--auto-deconfigure", "--force-depends", "-i", "/tmp/usurper.deb")
    assert done.status != 0 and "/etc/ld.so.preload: No such file" in done.stderr, done
    assert f"{name}: the library is in /etc/ld.so.preload again" in done.stdout
    assert pinned.preload == preload
    assert not pinned.path("/etc/ld.so.preload.dpkg-bak").exists()
    protection.assert_protected(pinned, certificates, "curl")


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
    named = [
        path for path in examples.rglob("*.conf") if protection.LIBRARY in path.read_text("utf-8")
    ]
    assert {path.name for path in named} == {"60-pinshim.conf", "pinshim.conf"}
    assert not [
        path
        for path in examples.rglob("*")
        if path.is_file() and b"/usr/local/lib" in path.read_bytes()
    ]
