"""CPython's own tests of ssl and of the modules that use it, on the installed python3."""

import re
import xml.etree.ElementTree

import suite

MODULES = """
    test_ssl test_httplib test_urllib2_localnet test_ftplib test_imaplib test_poplib test_smtplib
    test_nntplib test_asyncio.test_ssl test_asyncio.test_sslproto
""".split()


class CPython(suite.Suite):
    """regrtest, its results as JUnit's XML."""

    title, package, program = "CPython", "python3.11", "python3.11"
    control = (
        "test.test_ssl.ThreadedTests.test_check_hostname*",
        "test.test_ssl.ThreadedTests.test_alpn*",
        "test.test_httplib.HTTPSTest.test_local*",
    )

    def prepare(self):
        """Only the tests: the library beside them in the source is not the one under test."""
        self.folder.mkdir(parents=True, exist_ok=True)
        link = self.folder / "test"
        link.unlink(missing_ok=True)
        link.symlink_to(self.source / "Lib" / "test")

    def run(self, way, only=None):
        report, names = self.folder / "report.xml", self.folder / "names"
        report.unlink(missing_ok=True)
        chosen = MODULES
        arguments = ["env", f"PYTHONPATH={self.folder}", "/usr/bin/python3", "-m", "test"]
        if only:
            names.write_text("\n".join(only))
            arguments.append(f"--matchfile={names}")
            chosen = [m for m in MODULES if any(n.startswith(f"test.{m}.") for n in only)]
        self.start(way, [*arguments, f"--junit-xml={report}", *chosen], self.folder)
        return self._results(report) if report.exists() else {}

    @staticmethod
    def _results(report):
        results = {}
        for case in xml.etree.ElementTree.parse(report).iter("testcase"):
            # A fixture of a class or module stands there as "setUpClass (test....)".
            name = re.sub(r"0x[0-9a-f]+", "0x", case.get("name"))
            tags = {child.tag for child in case}
            if tags & {"failure", "error"}:
                results[name] = suite.FAIL
            elif "skipped" in tags:
                results.setdefault(name, suite.SKIP)
            else:
                results.setdefault(name, suite.PASS)
        return results
