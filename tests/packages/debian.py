"""Debian packages of the tree, and empty Debian roots: folders with a system of their own, entered by chroot in a mount
namespace, so that nothing stays mounted here."""

import pathlib
import re
import shutil
import subprocess

import pki
import processes
import product
import pytest

CACHE = product.PROJECT / "build" / "packages"
APT = ("sources.list.d", "keyrings", "trusted.gpg.d", "auth.conf.d", "apt.conf.d", "preferences.d")
PATIENCE = 1800  # seconds, for apt and for builds
ENTER = """
for folder in proc sys dev; do mount --rbind "/$folder" "$0/$folder" || exit 77; done
exec chroot "$0" "$@"
"""
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}


def build(folder, *version, **changes):
    """The packages, in the order of their names."""
    words = [product.PROJECT / "packaging" / "deb.sh", folder, *version]
    done = processes.run(words, env={**ENVIRONMENT, **changes}, timeout=PATIENCE)
    assert done.status == 0, done
    return sorted(folder.glob("*.deb"))


def renumbered(packages, folder, version):
    """The same packages under another version, which they need of each other, too."""
    folder.mkdir()
    for package in packages:
        tree = folder / "tree"
        subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
        control = tree / "DEBIAN" / "control"
        text = control.read_text(encoding="utf-8")
        before = re.search(r"^Version: (.*)$", text, re.M)[1]
        control.write_text(text.replace(before, version), encoding="utf-8")
        words = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-b", tree, folder]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
        shutil.rmtree(tree)
    return sorted(folder.glob("*.deb"))


def needs_roots():
    """Skips where none can be entered."""
    done = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("no mount namespaces here")


def policy(*pins):
    """A policy that pins one name."""
    listed = ", ".join(f'"{pin}"' for pin in pins)
    return (
        f'version = 1;\ndomains = ( {{ name = "{pki.PINNED}"; pins = [{listed}]; }} );\n'
        'events = { file = "/var/log/pinshim/events.jsonl"; syslog = false; };\n'
    )


def _codename():
    release = pathlib.Path("/etc/os-release").read_text(encoding="utf-8")
    return re.search(r"^VERSION_CODENAME=(\w+)$", release, re.M)[1]


def _empty_root():
    """A tarball of a Debian root with what is essential and apt alone, made once."""
    tarball = CACHE / f"{_codename()}.tar"
    if not tarball.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        new = CACHE / "new.tar"
        words = ["mmdebstrap", "--variant=minbase", "--quiet", "--include=ca-certificates"]
        subprocess.run([*words, _codename(), new], check=True, timeout=PATIENCE)
        new.rename(tarball)
    return tarball


class Root:
    """A system below a folder."""

    def __init__(self, folder):
        self.folder = folder

    @classmethod
    def unpack(cls, folder):
        """An empty one, with this system's sources of packages."""
        folder.mkdir()
        words = ["tar", "-xf", _empty_root(), "-C", folder, "--exclude=./dev/*"]
        subprocess.run(words, check=True)
        made = cls(folder)
        (folder / "etc/apt/sources.list").unlink(missing_ok=True)
        for name in APT:
            if pathlib.Path("/etc/apt", name).is_dir():
                shutil.copytree(f"/etc/apt/{name}", folder / "etc/apt" / name, dirs_exist_ok=True)
        made.write("/etc/hosts", f"127.0.0.1 localhost {pki.PINNED}\n")
        made.apt("update")
        return made

    def copy(self, folder):
        """Another one like it."""
        subprocess.run(["cp", "-a", self.folder, folder], check=True)
        return Root(folder)

    def words(self, *words):
        """What runs words in it."""
        return ["unshare", "-m", "sh", "-c", ENTER, str(self.folder), *map(str, words)]

    def run(self, *words, timeout=processes.TIMEOUT, **changes):
        """Runs words in it, to their end."""
        env = {**ENVIRONMENT, **changes}
        return processes.run(self.words(*words), env=env, timeout=timeout)

    def apt(self, *words):
        """apt-get, which must succeed and be quiet about preloads; what it said."""
        done = self.run("apt-get", "-y", "-q", "--no-install-recommends", *words, timeout=PATIENCE)
        assert done.status == 0 and "cannot be preloaded" not in done.output, done
        return done.output

    def install(self, *packages):
        """Packages by their names, or files from outside; what apt said."""
        names = [name for name in packages if isinstance(name, str)]
        for file in set(packages) - set(names):
            self.place(file, f"/tmp/{file.name}")
            names.append(f"/tmp/{file.name}")
        said = self.apt("install", *sorted(names))
        for file in set(packages) - {name for name in packages if isinstance(name, str)}:
            (self.folder / "tmp" / file.name).unlink()
        return said

    def satisfy(self, packages):
        """Installs what packages of ours depend on, but not one of them."""
        needed = set()
        for package in packages:
            words = ["dpkg-deb", "-f", package, "Depends"]
            depends = subprocess.run(words, capture_output=True, text=True, check=True).stdout
            needed |= {clause.strip() for clause in depends.split(",")}
        self.apt("satisfy", ", ".join(sorted(c for c in needed if "pinshim" not in c)))

    def path(self, inside):
        """A path inside, from outside."""
        return self.folder / inside.lstrip("/")

    def place(self, file, inside):
        """A file from outside."""
        self.path(inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, self.path(inside))

    def write(self, inside, text):
        """A file with this text."""
        self.path(inside).write_text(text, encoding="utf-8")

    @property
    def preload(self):
        """What the loader puts into every program; None: no such file."""
        file = self.path("/etc/ld.so.preload")
        return file.read_text(encoding="utf-8") if file.exists() else None

    def tree(self):
        """Every path in it."""
        return {str(path.relative_to(self.folder)) for path in self.folder.rglob("*")}
