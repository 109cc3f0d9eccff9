"""Images of containers: built by buildah in a storage of the tests' own, without a daemon or a registry, and run in a chroot."""

import subprocess

import debian
import processes

BASE = "debian:bookworm-slim"
_STORAGE = '[storage]\ndriver = "vfs"\ngraphroot = "{0}/images"\nrunroot = "{0}/run"\n'


class Storage:
    """What `buildah` has in a folder; `environment` leads the command there."""

    def __init__(self, folder):
        folder.mkdir()
        conf = folder / "storage.conf"
        conf.write_text(_STORAGE.format(folder), encoding="utf-8")
        self.environment = {
            **debian.ENVIRONMENT,
            "CONTAINERS_STORAGE_CONF": str(conf),
            "BUILDAH_ISOLATION": "chroot",
        }

    def try_to(self, *words):
        """How buildah with these words ends."""
        return processes.run(["buildah", *words], env=self.environment, timeout=debian.PATIENCE)

    def do(self, *words):
        """What it prints; it must succeed."""
        done = self.try_to(*words)
        assert done.status == 0, done
        return done.stdout.strip()

    def import_root(self, root, folder):
        """A root becomes the image that our sample starts from. It has no sources of packages: what is needed is there."""
        folder.mkdir()
        words = ["tar", "-cf", folder / "root.tar", "--exclude=./etc/apt/sources.list.d/*"]
        subprocess.run([*words, "-C", root.folder, "."], check=True)
        (folder / "Containerfile").write_text("FROM scratch\nADD root.tar /\n", encoding="utf-8")
        self.do("build", "-q", "-t", BASE, folder)
        (folder / "root.tar").unlink()
