"""Debian's source packages, by apt with lists of its own: the machine's configuration is only read.

Needs no root. The mirror is the one that the machine is configured for.
"""

import functools
import pathlib
import re
import shutil
import subprocess

KEYRING = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class Unavailable(Exception):
    """Something that a suite needs can't be had here."""


def _lines(*arguments):
    done = subprocess.run(list(map(str, arguments)), capture_output=True, text=True, check=False)
    return done.stdout.splitlines() if done.returncode == 0 else []


def installed_version(package):
    """The version of the source that an installed package was built from; "" if it isn't there."""
    return "".join(_lines("dpkg-query", "-W", "-f", "${source:Version}", package))


def _compare_versions(one, other):
    older = subprocess.run(["dpkg", "--compare-versions", one, "lt", other], check=False)
    return -1 if older.returncode == 0 else 1


class Sources:
    """Source packages, each unpacked once into a folder."""

    def __init__(self, folder):
        self._folder = folder
        self._options = None

    def _configure(self):
        """A sources list with the machine's Debian mirrors, and its indices."""
        mirrors = _lines(
            "apt-get",
            "indextargets",
            "--format",
            "$(REPO_URI) $(RELEASE) $(COMPONENT)",
            "Created-By: Packages",
            "Origin: Debian",
        )
        if not mirrors:
            raise Unavailable("apt knows no Debian mirror: run apt-get update first")
        signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
        lists = self._folder / "lists"
        lists.mkdir(parents=True, exist_ok=True)
        sources = self._folder / "sources.list"
        sources.write_text("".join(f"deb-src {signed}{m}\n" for m in sorted(set(mirrors))))
        settings = {
            "Dir::Etc::SourceList": sources,
            "Dir::Etc::SourceParts": "-",
            "Dir::State::Lists": lists,
            "APT::Sandbox::User": "root",
        }
        self._options = [f"-o{key}={value}" for key, value in settings.items()]
        self._apt(["apt-get", "update"], self._folder)

    def _apt(self, arguments, folder):
        done = subprocess.run(
            [arguments[0], *self._options, *arguments[1:]],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Unavailable(f"{' '.join(arguments)}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _versions(self, package, wanted):
        """What the mirror has: the wanted one first, then the newest."""
        told = self._apt(["apt-cache", "showsrc", "--only-source", package], self._folder)
        found = set(re.findall(r"^Version: (\S+)$", told, re.MULTILINE))
        newest_first = sorted(found, key=functools.cmp_to_key(_compare_versions), reverse=True)
        return sorted(newest_first, key=lambda version: version != wanted)

    def fetch(self, package, wanted):
        """The folder of an unpacked source package, and its version: as wanted, or the nearest that
        the mirror really has (an index may name what was replaced a minute ago)."""
        home = self._folder / package
        done = home / "version"
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)
            if self._options is None:
                self._configure()
            done.write_text(self._unpack(package, wanted, home))
        return next(path for path in home.iterdir() if path.is_dir()), done.read_text()

    def _unpack(self, package, wanted, home):
        failure = Unavailable(f"the mirror has no source of {package}")
        for version in self._versions(package, wanted):
            try:
                home.mkdir(parents=True)
                self._apt(["apt-get", "source", f"{package}={version}"], home)
                return version
            except Unavailable as missing:
                failure = missing
                shutil.rmtree(home)
        raise failure
