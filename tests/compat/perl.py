"""The tests of Net::SSLeay and IO::Socket::SSL, on the installed modules: files that speak TAP."""

import collections
import re

import suite

_POINT = re.compile(r"^(not )?ok\b *(\d*) *[-#]? *(.*)$")
# Ports, process ids, addresses, counts of attempts and seconds: another one each time.
_VARIABLE = re.compile(
    r"0x[0-9a-f]+|\d{4,}|\d+(?= attempts)|(?<=duration=)\d+|(?<=[(,])\d+(?=[,)])"
)


def points(output):
    """The test points of a file, by their descriptions; where those repeat, counted."""
    results = {}
    seen = collections.Counter()
    for line in output.splitlines():
        found = _POINT.match(line)
        if not found:
            continue
        wrong, number, told = found.groups()
        what = _VARIABLE.sub("N", told) or f"point {number}"
        seen[what] += 1
        name = f"{what} #{seen[what]}" if seen[what] > 1 else what
        results[name] = suite.FAIL if wrong else suite.PASS
        if re.match(r"(?i)skip", told):
            results[name] = suite.SKIP
    return results


class Tap(suite.Suite):
    """Each file by itself: its points, and whether prove was content with it as a whole."""

    timeout = 300
    folders = ("t",)
    include = ()

    def run(self, way, only=None):
        wanted = {name.split(": ")[0] for name in only or ()}
        results = {}
        for folder in self.folders:
            for path in sorted((self.source / folder).glob("*.t")):
                file = str(path.relative_to(self.source))
                if not only or file in wanted:
                    results.update(self._run_file(way, file))
        return results

    def _run_file(self, way, file):
        arguments = ["prove", "-v", *(f"-I{folder}" for folder in self.include), file]
        status, output = self.start(way, ["env", "NO_NETWORK_TESTING=1", *arguments], self.source)
        whole = suite.PASS if status == 0 else suite.FAIL
        if re.search(r"^1\.\.0\b", output, re.MULTILINE):
            whole = suite.SKIP
        # prove's own last word is no point.
        body = re.sub(r"^ok\n(?=All tests successful)", "", output, flags=re.MULTILINE)
        named = {f"{file}: {name}": result for name, result in points(body).items()}
        return {f"{file}: as a whole": whole, **named}


class NetSSLeay(Tap):
    """The binding itself."""

    title, package, program = "Net::SSLeay", "libnet-ssleay-perl", "libnet-ssleay-perl"
    folders = ("t/local", "t/handle/local")
    include = ("inc",)
    control = ("t/local/44_sess.t: *",)


class IOSocketSSL(Tap):
    """What most Perl programs use."""

    title, package, program = (
        "IO::Socket::SSL",
        "libio-socket-ssl-perl",
        "libio-socket-ssl-perl",
    )
    control = ("t/sni.t: *", "t/sni_verify.t: *")
