"""What the tests of packages share: Debian packages, built once, and empty roots to install them in."""

import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import debian  # pylint: disable=wrong-import-position
import pki  # pylint: disable=wrong-import-position
import product  # pylint: disable=wrong-import-position


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """The cast of certificates."""
    return pki.Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def place():
    """A folder that others may look into; pytest's own are for its user alone."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="pinshim-packages-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="session")
def packages():
    """The packages, as `make deb` has built them."""
    found = sorted((product.BUILD / "deb").glob("*.deb"))
    assert found, "make deb comes first"
    return found


@pytest.fixture(scope="session")
def newer_packages(packages, place):
    """The same, of a version to come."""
    return debian.renumbered(packages, place / "newer", "0.2.0-1~1")


@pytest.fixture(scope="session")
def prepared(place, packages, certificates):
    """A root with what the packages depend on, curl and wget, and a policy that pins one name."""
    debian.needs_roots()
    root = debian.Root.unpack(place / "prepared")
    root.install("curl", "wget")
    root.satisfy(packages)
    root.place(certificates.bundle, "/root/ca.pem")
    return root


@pytest.fixture(scope="session")
def installed(prepared, packages, place):
    """The same with the packages."""
    root = prepared.copy(place / "installed")
    root.install(*packages)
    return root


@pytest.fixture
def root(installed, place):
    """One to do anything to."""
    made = installed.copy(place / "root")
    yield made
    shutil.rmtree(made.folder)


@pytest.fixture
def pinned(root, certificates):
    """One whose administrator has written a policy and compiled it."""
    root.write("/etc/pinshim/pinshim.conf", debian.policy(certificates.genuine.pin))
    done = root.run("pinshim", "compile")
    assert done.status == 0, done
    return root
