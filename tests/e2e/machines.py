"""A machine with a policy of its own, in a mount namespace: /var/lib/pinshim, /run/pinshim."""

import gnutls_kit
import kit
import namespaces
import nss_kit
import policies
import processes
import product

KITS = {"openssl": kit.Kit, "gnutls": gnutls_kit.Kit, "nss": nss_kit.Kit}
RUN = [product.PINSHIM, "run", "--"]


class Machine:
    """A folder for /var/lib, and what runs where it stands in. `run`: one for /run/pinshim."""

    def __init__(self, folder, client_kit, run=None):
        self._folder, self._kit, self._run = folder, client_kit, run
        self.lib = folder / "lib"
        self.place = self.lib / "pinshim"
        self.place.mkdir(parents=True)
        self.image = self.place / "policy.cdb"
        self.before = self.place / "policy.cdb~"

    def inside(self, *words):
        """Words that run there."""
        script = [namespaces.covering("/var/lib", self.lib)]
        if self._run:
            script += ["mount -t tmpfs tmpfs /run", "mkdir -p /run/pinshim"]
            script.append(namespaces.covering("/run/pinshim", self._run))
        return [*namespaces.inside("\n".join(script)), *map(str, words)]

    def compile(self, policy):
        """Installs a policy, as an administrator does."""
        words = self.inside(product.PINSHIM, "compile", policy.path)
        return processes.run(words, env=product.environment(self._folder))

    def install(self, *of):
        """Installs policies, one after the other."""
        for policy in of:
            assert self.compile(policy).status == 0
        assert self.image.exists()

    def put(self, policy):
        """The same without a word, by somebody who has the image ready: the agent."""
        policies.replace(self.image, policies.image_of(policy).read_bytes())

    def preloaded(self, **changes):
        """The environment of a program that nobody has started by the command."""
        return {**product.environment(self._folder, product.LIBRARY), **changes}

    def outcome(self, identity, by="run", named=None):
        """What becomes of a connection there. `by`: the command, or the library alone."""
        prefix = self.inside(*(RUN if by == "run" else ()))
        env = {} if by == "run" else self.preloaded()
        if named:
            env["PINSHIM_CONFIG"] = str(named.path)
        return kit.outcome(self._kit, identity, None, prefix=prefix, extra_environment=env)
