"""GnuTLS's own tests that make a handshake, built from the source, on the installed library."""

import concurrent.futures
import os
import re
import subprocess

import debian
import suite

FOLDERS = ("", "tls13", "safe-renegotiation")
COMMON = ("utils", "utils-adv", "seccomp", "common-cert-key-exchange")
FEWEST = 100  # that must have been built; what needs the library's inner parts can't be

# What its configure script would find out: it takes minutes, and the tests ask for little.
CONFIG = "".join(
    f"#define {name} 1\n"
    for name in """
    _GNU_SOURCE HAVE_FORK HAVE_UNISTD_H HAVE_NANOSLEEP HAVE_CLOCK_GETTIME HAVE_SETITIMER
    HAVE_VASPRINTF ENABLE_OCSP ENABLE_ALPN ENABLE_SRP ENABLE_HEARTBEAT ENABLE_DTLS_SRTP
    """.split()
)

# One source, several tests.
VARIANTS = {
    "resume": [
        ("-DUSE_PSK", "-DTLS12"),
        ("-DUSE_ANON", "-DTLS12"),
        ("-DUSE_X509", "-DTLS12"),
        ("-DUSE_PSK", "-DTLS13"),
        ("-DUSE_X509", "-DTLS13"),
    ],
    "rnd-rollback-detection": [("-DTLS12",), ("-DTLS11",)],
    "rnd-check-rollback-val": [("-DTLS12",), ("-DTLS11",)],
}

# A test a line, each with a log of its own. Eight at once: they sleep more than they compute.
RUN = """
xargs -P 8 -I @ sh -c 'timeout -k 5 120 ./@ > @.log 2>&1; echo "@: $?"' < chosen
"""
SKIPPED = 77  # automake's word for it


class GnuTLS(suite.Suite):
    """A program a test: client and server in it talk over a socket pair."""

    title, package, program = "GnuTLS", "gnutls28", "libgnutls30"
    control = ("mini-server-name", "status-request*", "tls1?-server-kx-neg", "tls13_key_*")
    # Asks what the library says of a session that was offered to a peer whom nothing names.
    known = ("tls13-early-data",)

    def prepare(self):
        programs = self.folder / "programs"
        if (programs / "built").exists():
            return
        programs.mkdir(parents=True, exist_ok=True)
        (programs / "config.h").write_text(CONFIG)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for name in COMMON:
                self._compile(["-c", self._tests() / f"{name}.c", "-o", programs / f"{name}.o"])
            objects = [programs / f"{name}.o" for name in COMMON]
            subprocess.run(["ar", "rc", programs / "libutils.a", *objects], check=True)
            built = list(pool.map(lambda job: self._build(*job), self._jobs()))
        if sum(built) < FEWEST:
            raise debian.Unavailable(f"gnutls28: only {sum(built)} tests could be built")
        (programs / "built").touch()

    def _tests(self):
        return self.source / "tests"

    def _jobs(self):
        """Name, source and options of each program."""
        for folder in FOLDERS:
            for path in sorted((self._tests() / folder).glob("*.c")):
                text = path.read_text(errors="replace")
                if not re.search(r"\bdoit *\(void\)", text) or path.stem in COMMON:
                    continue
                if "gnutls_handshake" not in text and "-common.c" not in text:
                    continue
                stem = f"{folder}_{path.stem}" if folder else path.stem
                for options in VARIANTS.get(path.stem, [()]):
                    more = "".join(option.replace("-D", "_") for option in options)
                    yield stem + more, path, options

    def _build(self, name, path, options):
        utils = self.folder / "programs" / "libutils.a"
        target = self.folder / "programs" / name
        libraries = ["-lgnutls", "-lpthread", "-ldl"]
        return self._compile([*options, path, utils, *libraries, "-o", target])

    def _compile(self, arguments):
        folders = (self.folder / "programs", self._tests(), self.source / "gl")
        words = ["gcc", "-w", "-O0", "-DHAVE_CONFIG_H", *(f"-I{folder}" for folder in folders)]
        done = subprocess.run([*words, *arguments], capture_output=True, check=False)
        return done.returncode == 0

    def run(self, way, only=None):
        programs = self.folder / "programs"
        names = only or [
            path.name
            for path in sorted(programs.iterdir())
            if not path.suffix and os.access(path, os.X_OK)
        ]
        (programs / "chosen").write_text("\n".join(names))
        where = self._tests()
        words = ["env", f"srcdir={where}", f"PSK_FILE={where}/psk.passwd", "sh", "-c", RUN]
        _, output = self.start(way, words, programs)
        told = dict(re.findall(r"^(\S+): (\d+)$", output, re.MULTILINE))
        return {name: self._result(told.get(name)) for name in names}

    @staticmethod
    def _result(status):
        if status is None:
            return suite.FAIL
        return {0: suite.PASS, SKIPPED: suite.SKIP}.get(int(status), suite.FAIL)
