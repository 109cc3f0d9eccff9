"""curl's own tests that have to do with TLS, on the installed curl (and on its library as built from
the source, for the small programs that some tests are); and on the installed libraries of the same
version that use GnuTLS and NSS, by a curl that is linked to each."""

import os
import pathlib
import re
import shutil
import subprocess

import debian
import suite

# A test belongs here where one of its lines says so: a server, or a keyword.
_TLS = re.compile(
    rb"^(https( .*)?|ftps|imaps|pop3s|smtps|httptls.*|https-proxy|HTTPS|FTPS|STARTTLS|TLS-SRP)\r?$",
    re.MULTILINE,
)
_RESULT = re.compile(r"^(PASS|FAIL|IGNORED): (\d+) - ", re.MULTILINE)

CONFIGURE = """
    --with-openssl --disable-shared --disable-dependency-tracking --disable-manual --disable-ldap
    --without-libpsl --without-nghttp2 --without-libidn2 --without-brotli --without-zstd
    --without-librtmp --without-libssh2
""".split()

# The readiness of a server is looked at without the shim, so that the control tests clients.
VERIFIER = """#!/bin/sh
unset LD_PRELOAD PINSHIM_CONFIG
exec /usr/bin/curl "$@"
"""


class Curl(suite.Suite):
    """runtests.pl, its results in the style of automake."""

    title, package, program = "curl", "curl", "curl"
    control = tuple(f"test {number}" for number in (300, 301, 303, 310, 560, 2034, 2041))

    curl = "/usr/bin/curl"

    def prepare(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        verifier = self.folder / "verifier"
        verifier.write_text(VERIFIER)
        verifier.chmod(0o755)
        if (self.source / "built").exists():
            return
        jobs = f"-j{os.cpu_count()}"
        self._build("./configure", *CONFIGURE)
        self._build("make", jobs, "-C", "lib", "libcurl.la")
        self._build("make", jobs, "-C", "src")  # runtests.pl looks for it
        self._build("make", jobs, "-C", "tests/server", "all", "check", "TESTS=")
        self._build("make", jobs, "-C", "tests/libtest", *self._programs())
        (self.source / "built").touch()

    def _build(self, *arguments):
        with (self.folder / "build.log").open("ab") as log:
            done = subprocess.run(
                arguments, cwd=self.source, stdout=log, stderr=subprocess.STDOUT, check=False
            )
        if done.returncode != 0:
            raise debian.Unavailable(f"curl: {' '.join(arguments)}: see {log.name}")

    def _home(self):
        """Where the tests are run."""
        return self.source / "tests"

    def _tests(self):
        """The numbers and files of the tests."""
        data = self.source / "tests" / "data"
        found = {int(p.name[4:]): p for p in data.glob("test[0-9]*") if p.name[4:].isdigit()}
        return {n: found[n] for n in sorted(found) if _TLS.search(found[n].read_bytes())}

    def _programs(self):
        """What the tests run in curl's place."""
        programs = set()
        for number, path in self._tests().items():
            for tool in re.findall(rb"<tool>\s*(\S+)\s*</tool>", path.read_bytes()):
                programs.add(tool.decode().replace("%TESTNUMBER", str(number)))
        return sorted(programs)

    def run(self, way, only=None):
        numbers = list(self._tests())
        if only:
            numbers = [number for number in numbers if f"test {number}" in only]
        verifier = self.folder / "verifier" if way.name == "control" else "/usr/bin/curl"
        words = ["/usr/bin/perl", "runtests.pl", "-a", "-am", "-n", "-c", self.curl]
        _, output = self.start(way, [*words, "-vc", verifier, *numbers], self._home())
        results = {f"test {number}": suite.SKIP for number in numbers}
        for told, number in _RESULT.findall(output):
            results[f"test {number}"] = suite.PASS if told == "PASS" else suite.FAIL
        return results


# What the tool takes of the library's inner parts, as its makefile has it.
SHARED = [f"lib/{name}.c" for name in ("dynbuf", "nonblock", "warnless", "strtoofft")]


class OtherLibrary(Curl):
    """The tool, linked to an installed library. Run in a copy of the tests, beside the others."""

    library = None  # its file
    control = tuple(f"test {number}" for number in (300, 301, 303, 310, 560))

    def prepare(self):
        super().prepare()
        self.curl = self.folder / "curl"
        if self._home().exists():
            return
        found = next(pathlib.Path("/usr/lib").glob(f"*/{self.library}"), None)
        if not found:
            raise debian.Unavailable(f"{self.library} is not installed")
        objects = sorted((self.source / "src").glob("*.o"))
        flags = ["-DHAVE_CONFIG_H", "-Iinclude", "-Ilib", "-Isrc"]
        self._build("gcc", *flags, *objects, *SHARED, found, "-o", self.curl)
        for beside in ("lib", "curl-config"):
            (self.folder / beside).symlink_to(self.source / beside)
        shutil.copytree(self.source / "tests", self._home())

    def _home(self):
        return self.folder / "tests"

    def _tests(self):
        """Not those that are programs: they are linked to OpenSSL's."""
        return {
            n: path for n, path in super()._tests().items() if b"<tool>" not in path.read_bytes()
        }


class CurlGnuTLS(OtherLibrary):
    """What git uses."""

    title, program, library = "curl on GnuTLS", "libcurl3-gnutls", "libcurl-gnutls.so.4"


class CurlNSS(OtherLibrary):
    """The last libcurl that has NSS."""

    title, program, library = "curl on NSS", "libcurl3-nss", "libcurl-nss.so.4"
