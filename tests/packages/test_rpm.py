"""The spec of RPM packages, by Debian's rpm: it is understood, and makes packages with what belongs to them."""

import shutil
import subprocess

import debian
import processes
import product
import pytest

SPEC = product.PROJECT / "packaging" / "rpm" / "pinshim.spec"
pytestmark = pytest.mark.skipif(not shutil.which("rpmbuild"), reason="no rpmbuild here")


def test_spec_is_understood_and_of_this_version():
    done = processes.run(["rpmspec", "-P", SPEC], env=debian.ENVIRONMENT)
    assert done.status == 0 and done.stderr == "", done
    version = (product.PROJECT / "VERSION").read_text(encoding="utf-8").strip()
    assert f"\nVersion: {version}\n" in done.stdout


def test_packages_are_built(tmp_path):
    """What they need is Debian's, and not known to rpm."""
    words = [product.PROJECT / "packaging" / "dist.sh", tmp_path / "SOURCES"]
    assert processes.run(words, env=debian.ENVIRONMENT).status == 0
    words = ["rpmbuild", "-bb", "--nodeps", "--define", f"_topdir {tmp_path}", SPEC]
    done = processes.run(words, env=debian.ENVIRONMENT, timeout=debian.PATIENCE)
    assert done.status == 0, done
    built = {file.name.rpartition("-0.1.0")[0]: file for file in tmp_path.glob("RPMS/*/*.rpm")}
    assert set(built) == {"libpinshim", "pinshim", "pinshim-agent"}
    words = ["rpm", "-qpl", built["libpinshim"]]
    listed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert f"/usr/lib/{product.multiarch()}/pinshim/libpinshim.so\n" in listed
    for package in built.values():
        words = ["rpm", "-qp", "--qf", "%{POSTIN}\\n%{PREUN}\\n%{POSTUN}\\n", package]
        scripts = subprocess.run(words, capture_output=True, text=True, check=True).stdout
        assert (
            subprocess.run(["sh", "-nc", scripts.replace("(none)", "")], check=False).returncode
            == 0
        ), scripts
