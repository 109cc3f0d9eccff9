"""What the end-to-end tests share. Servers and certificates live as long as an xdist worker."""

import pathlib
import shutil
import signal
import tempfile

import agents
import attacker
import bundles
import kit
import machines
import matrix_report
import pki
import policies
import product
import pytest
import scripted_agents
import servers
import systems

# Ignored in what a shell starts in the background; a program that is tested would heed that, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """The cast of certificates."""
    return pki.Pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def genuine(tmp_path_factory, certificates):
    """nginx, the real server of every name in pki.NAMES."""
    with servers.nginx(
        tmp_path_factory.mktemp("genuine") / "nginx", certificates.genuine
    ) as server:
        yield server


@pytest.fixture(scope="session")
def mitmproxy(tmp_path_factory, certificates, genuine):
    """mitmproxy before the genuine server, its authority among those that clients trust."""
    folder = tmp_path_factory.mktemp("mitm") / "mitmproxy"
    with servers.mitmproxy(folder, certificates.attacker_root, genuine.port) as server:
        yield server


@pytest.fixture
def man_in_the_middle(certificates):
    """The counting server, its certificate for the right names and from a trusted authority."""
    with attacker.Server(certificates.attacker) as server:
        yield server


@pytest.fixture
def folder(tmp_path):
    """A home for a client and its policy."""
    return pathlib.Path(tmp_path)


@pytest.fixture
def open_folder():
    """A folder that other users may look into; pytest's own are for its user alone."""
    made = pathlib.Path(tempfile.mkdtemp(prefix="pinshim-tests-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def system(open_folder):
    """A system below a folder, for `pinshim install-preload --root`."""
    return systems.new(open_folder)


@pytest.fixture
def client_kit(certificates, folder):
    """Runs the C client."""
    return kit.Kit(folder, certificates)


@pytest.fixture
def policy_file(tmp_path):
    """A valid policy."""
    path = tmp_path / "pinshim.conf"
    path.write_text(policies.TEXT)
    return path


@pytest.fixture
def bad_policy_file(tmp_path):
    """A policy with an error in line 2."""
    path = tmp_path / "bad.conf"
    path.write_text(policies.TEXT.replace(policies.PIN, "sha256//short"))
    return path


@pytest.fixture
def image_file(policy_file, tmp_path):
    """The valid policy, compiled."""
    path = tmp_path / "policy.cdb"
    assert product.pinshim("compile", "-o", path, policy_file).returncode == 0
    return path


@pytest.fixture
def installed(tmp_path):
    """A folder for product.with_installed, and a function that installs a policy there."""
    folder = tmp_path / "lib"
    (folder / "pinshim").mkdir(parents=True)

    def install(text):
        source = tmp_path / "installed.conf"
        source.write_text(text)
        image = folder / "pinshim" / "policy.cdb"
        assert product.pinshim("compile", "-o", image, source).returncode == 0
        return image

    return folder, install


@pytest.fixture
def run_folder():
    """What stands for /run/pinshim."""
    with scripted_agents.place() as made:
        yield made


@pytest.fixture
def pinned_machine(folder, client_kit, run_folder, certificates):
    """A machine of a scripted agent's, on which the genuine server's key is pinned."""
    made = machines.Machine(folder, client_kit, run_folder)
    made.policy = policies.pinning(folder / "policy", certificates.genuine.pin)
    made.install(made.policy)
    return made


@pytest.fixture
def machine(open_folder, certificates):
    """A machine of its own for the agent; nothing is installed yet."""
    return agents.Machine(open_folder, certificates)


@pytest.fixture
def key(tmp_path):
    """The key of whoever writes policies."""
    return bundles.new_key(tmp_path)


@pytest.fixture
def site(tmp_path, certificates, key):
    """nginx with a bundle of version 1."""
    files = tmp_path / "files"
    files.mkdir()
    with servers.nginx(tmp_path / "nginx", certificates.genuine, files=files) as server:
        site = agents.Site(server, tmp_path, key)
        site.publish(1)
        yield site


@pytest.fixture
def ready(machine, site, key):
    """The machine, which knows where its policy comes from."""
    machine.configure(url=site.url, keys=key)
    return machine


def pytest_collection_modifyitems(items):
    """Spreads the long tests of the matrix among the others: each worker gets a run of neighbours."""
    long = [item for item in items if item.path.name == "test_matrix.py"]
    others = [item for item in items if item.path.name != "test_matrix.py"]
    apart = len(others) // len(long) + 1 if long else 1
    items[:] = []
    while long or others:
        items += long[:1] + others[:apart]
        del long[:1], others[:apart]


def pytest_terminal_summary(terminalreporter):
    """The attack matrix in one line, or as a table, too."""
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.getreports(kind)]
    for line in matrix_report.lines(reports):
        terminalreporter.write_line(line)
