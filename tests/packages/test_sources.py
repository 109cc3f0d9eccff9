"""The tarball of the sources and the packages: the same bytes each time, and without a fault."""

import hashlib
import os
import shutil
import subprocess

import debian
import processes
import product
import pytest

PACKAGING = product.PROJECT / "packaging"


def digest(file):
    """SHA-256, as text."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def dist(tree, folder):
    """The tarball of a tree."""
    done = processes.run([tree / "packaging" / "dist.sh", folder], env=debian.ENVIRONMENT)
    assert done.status == 0, done
    (tarball,) = folder.glob("*.tar.gz")
    return tarball


def test_tarball_is_the_same_each_time(tmp_path):
    first, second = (dist(product.PROJECT, tmp_path / name) for name in ("first", "second"))
    assert digest(first) == digest(second)
    assert first.name == second.name


def test_tarball_of_an_unpacked_tarball_is_the_same(tmp_path):
    """Elsewhere, by somebody whose files are for nobody else."""
    first = dist(product.PROJECT, tmp_path / "first")
    (tmp_path / "tree").mkdir()
    umask = os.umask(0o077)
    try:
        words = ["tar", "-xf", first, "-C", tmp_path / "tree", "--no-same-permissions"]
        subprocess.run(words, check=True)
    finally:
        os.umask(umask)
    (tree,) = (tmp_path / "tree").iterdir()
    assert digest(dist(tree, tmp_path / "second")) == digest(first)


def test_tarball_holds_what_is_tracked(tmp_path):
    if not (product.PROJECT / ".git").exists():
        pytest.skip("no repository here")
    words = ["git", "-C", product.PROJECT, "ls-files"]
    tracked = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    words = ["tar", "-tf", dist(product.PROJECT, tmp_path)]
    packed = subprocess.run(words, capture_output=True, text=True, check=True).stdout.splitlines()
    assert [name.partition("/")[2] for name in packed] == sorted(tracked)


def test_packages_are_the_same_each_time(packages, tmp_path):
    again = debian.build(tmp_path / "again")
    assert [file.name for file in again] == [file.name for file in packages]
    assert [digest(file) for file in again] == [digest(file) for file in packages]
    assert [file.name.partition("_")[0] for file in again] == [
        "libpinshim0",
        "pinshim-agent",
        "pinshim",
    ]


def test_packages_name_whoever_publishes_them(tmp_path):
    """With a version of their own."""
    maintainer, homepage = "R&D <rd@corp.example>", "https://corp.example/pinshim"
    env = {"MAINTAINER": maintainer, "HOMEPAGE": homepage}
    found = debian.build(tmp_path, "0.1.0-2~corp1", **env)
    assert len(found) == 3
    for package in found:
        words = ["dpkg-deb", "-f", package, "Version", "Maintainer", "Homepage"]
        said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        assert said == f"Version: 0.1.0-2~corp1\nMaintainer: {maintainer}\nHomepage: {homepage}\n"
    (changes,) = tmp_path.glob("*.changes")
    assert f"\nChanged-By: {maintainer}\n" in changes.read_text(encoding="utf-8")


def test_packages_are_without_a_fault(packages):
    (changes,) = packages[0].parent.glob("*.changes")
    words = ["lintian", "--allow-root", "--fail-on", "error,warning", changes]
    done = processes.run(words, env=debian.ENVIRONMENT, timeout=debian.PATIENCE)
    assert done.status == 0 and done.stdout == "", done


def test_profile_of_apparmor_is_understood():
    """It is parsed and compiled, not loaded."""
    if not shutil.which("apparmor_parser"):
        pytest.skip("no apparmor_parser here")
    words = ["apparmor_parser", "-Q", "-K", PACKAGING / "apparmor" / "usr.sbin.pinshim-agent"]
    done = processes.run(words, env=debian.ENVIRONMENT)
    assert done.status == 0 and "error" not in done.output.lower(), done
