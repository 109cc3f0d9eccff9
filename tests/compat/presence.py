"""Was the shim there? A preload that silently isn't would make every comparison come out equal."""

import pathlib
import threading

PERIOD = 0.05  # seconds between two looks
LIBRARIES = ("/libssl.so", "/libgnutls.so", "/libssl3.so")


def _processes():
    """Each process's parent."""
    parents = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            # "PID (NAME) STATE PARENT ...", and NAME may hold any byte.
            parents[int(folder.name)] = int(
                (folder / "stat").read_bytes().rpartition(b")")[2].split()[1]
            )
        except OSError:  # it has ended
            pass
    return parents


def _descendants(root):
    parents = _processes()
    found = {root}
    fresh = {root}
    while fresh:
        fresh = {pid for pid, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


class Watch:
    """Looks again and again at the processes below one, and which of those with a TLS library have
    the shim as well. The loader maps what is preloaded first, so a look never comes too early."""

    def __init__(self, root):
        self.protected, self.unprotected = set(), {}
        self._root = root
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def _look_on(self):
        while not self._over.wait(PERIOD):
            for pid in _descendants(self._root):
                self._look_at(pid)

    def _look_at(self, pid):
        home = pathlib.Path(f"/proc/{pid}")
        try:
            # Before its maps: meanwhile the command may have become the program that it starts.
            if (home / "exe").readlink().name == "pinshim":
                return
            words = (home / "cmdline").read_text(errors="replace").split("\0")
            maps = (home / "maps").read_text(errors="replace")
        except OSError:
            return
        # Maps that end before the stack are of a process that ended meanwhile.
        if "[stack]" not in maps or not any(library in maps for library in LIBRARIES):
            return
        if "/libpinshim.so" in maps:
            self.protected.add(pid)
        else:
            self.unprotected[pid] = " ".join(words)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
