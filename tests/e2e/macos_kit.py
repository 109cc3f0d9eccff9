"""Runs the C client for macOS by the loader of tests/macos/loader: a Mach-O program, macOS's library in it."""

import gnutls_kit
import kit
import nss_kit
import processes
import product

FOLDER = product.BUILD / "macos" / "loader"
LIBRARY = product.BUILD / "macos" / "libpinshim.dylib"
LOADER = FOLDER / "loader"


def environment(folder, policy=None):
    """Of a program that the loader runs; with a policy, macOS's library is inserted."""
    env = processes.plain_environment(folder)
    if policy:
        env |= {"DYLD_INSERT_LIBRARIES": str(LIBRARY), "PINSHIM_CONFIG": str(policy)}
    return env


class Loaded(kit.Kit):
    """A client that the loader runs."""

    def command(self, port, *options, policy=None, preload=False, prefix=(), **settings):
        """As kit.Kit.command; `preload` makes no difference, for dyld knows nothing else."""
        words, _ = super().command(port, *options, **settings)
        path = getattr(policy, "path", policy)
        return [*prefix, LOADER, *words], environment(self._folder, path)


class MacosKit(Loaded):
    """The client of kit.py, as a program for macOS."""

    PROGRAM = FOLDER / "kit"


class GnutlsKit(Loaded, gnutls_kit.Kit):
    """That of gnutls_kit.py."""

    PROGRAM = FOLDER / "gnutls"


class NssKit(Loaded, nss_kit.Kit):
    """That of nss_kit.py."""

    PROGRAM = FOLDER / "nss"


class Plugin(Loaded):
    """A client as a plugin: the program has no TLS library when it starts."""

    PROGRAM = FOLDER / "plugins"
    PLUGIN = ""

    def command(self, port, *options, **settings):
        """As Loaded.command; the plugin's name is the program's first argument."""
        words, env = super().command(port, *options, **settings)
        at = words.index(self.PROGRAM) + 1
        return [*words[:at], FOLDER / self.PLUGIN, *words[at:]], env


class PluginKit(Plugin):
    """That of kit.py."""

    PLUGIN = "kit.dylib"


class NssPluginKit(Plugin, nss_kit.Kit):
    """That of nss_kit.py."""

    PLUGIN = "nss.dylib"
