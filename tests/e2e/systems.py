"""A system below a folder: usr is this one's, etc and var its own."""

import dataclasses
import pathlib
import shutil

import processes
import product
import pytest

ETC = ("passwd", "group", "hosts", "nsswitch.conf", "ld.so.cache")
ENTER = """
for folder in usr proc dev; do mount --rbind "/$folder" "$0/$folder" || exit 77; done
exec "$@"
"""


@dataclasses.dataclass(frozen=True)
class System:
    """A system below a folder, and a command that is installed there and here at the same place."""

    root: pathlib.Path
    command: pathlib.Path
    library: pathlib.Path

    @property
    def file(self):
        """Its ld.so.preload."""
        return self.root / "etc" / "ld.so.preload"

    def run(self, *words, env=None):
        """Runs words where the system's mounts are there."""
        words = ["unshare", "-m", "sh", "-c", ENTER, self.root, *words]
        done = processes.run(words, env=env or product.command_environment())
        if done.status == 77 or "unshare:" in done.stderr:
            pytest.skip("no mount namespaces here")
        return done

    def pinshim(self, subcommand):
        """The command, from outside."""
        return self.run(self.command, subcommand, "--root", self.root)

    def inside(self, *words):
        """A program of the system."""
        return self.run("chroot", self.root, *words, env={"PATH": "/usr/bin:/usr/sbin"})

    def place(self, file, at=None):
        """The same file at the same place inside."""
        inside = self.root / str(at or file).lstrip("/")
        inside.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, inside)


def new(open_folder):
    """One with nothing preloaded; in a folder that other users may look into."""
    root = open_folder / "root"
    for name in ("usr", "proc", "dev", "etc", "tmp", "var/lib"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    for name in ETC:
        shutil.copy(f"/etc/{name}", root / "etc" / name)
    place = open_folder / "installed"
    place.mkdir()
    for file in (product.PINSHIM, product.LIBRARY, product.BUILD / "libpinshim-compile.so"):
        shutil.copy(file, place)
    made = System(root, place / "pinshim", place / "libpinshim.so")
    made.place(made.library)
    return made
