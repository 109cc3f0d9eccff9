"""torsocks with a SOCKS server behind it: the name that was asked for goes there, and it connects."""

import pathlib
import shutil
import time

import attacker
import namespaces
import policies
import processes
import product
import pytest

HOST = "services.onion"  # no look-up of such a name leaves torsocks, and no server but that one knows it
SECRET = "4711"
MICROSOCKS = shutil.which("microsocks")
TORSOCKS = pathlib.Path("/usr/lib", product.multiarch(), "torsocks/libtorsocks.so")
pytestmark = [
    namespaces.needed,
    pytest.mark.skipif(
        not MICROSOCKS or not TORSOCKS.exists(), reason="microsocks or torsocks is not installed"
    ),
    pytest.mark.skipif(bool(product.sanitizers()), reason="torsocks wants to stand first"),
]


def listening_port(daemon):
    """Where it listens, as soon as it does; it says nothing."""
    end = time.monotonic() + processes.STOP_TIMEOUT
    while True:
        try:
            return processes.listening_port(daemon.pid)
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


@pytest.fixture
def hop(folder):
    """microsocks, for which the name is this machine's; its port, and what it said."""
    hosts = folder / "hosts"
    hosts.write_text(f"127.0.0.1 {HOST}\n")
    words = [*namespaces.inside(namespaces.covering("/etc/hosts", hosts)), MICROSOCKS]
    words += ["-i", "127.0.0.1", "-p", "0"]
    with processes.Daemon(words, env=product.environment(folder)) as daemon:
        yield daemon, listening_port(daemon)


@pytest.fixture
def through(folder, hop):
    """The settings by which torsocks goes to it."""
    configuration = folder / "torsocks.conf"
    configuration.write_text(f"TorAddress 127.0.0.1\nTorPort {hop[1]}\n")
    return {"TORSOCKS_CONF_FILE": str(configuration)}


def send(folder, certificates, identity, environment):
    """What a server with this identity, behind the hop, was sent by curl."""
    with attacker.Server(identity) as server:
        words = ["curl", "-sS", "--max-time", "30", "--cacert", certificates.bundle]
        words += ["--data", SECRET, f"https://{HOST}:{server.port}/"]
        done = processes.run(words, env=environment, cwd=folder)
        return attacker.leaked(server.finish()), done


@pytest.mark.parametrize("first", (True, False), ids=("first", "last"))
def test_man_in_the_middle_behind_the_hop_gets_nothing(certificates, folder, through, hop, first):
    """Whichever of the two libraries comes first."""
    genuine = certificates.root.issue((HOST,))
    stranger = certificates.attacker_root.issue((HOST,))
    policy = policies.pinning(folder / "policy", genuine.pin, name=HOST)
    without = {**product.environment(folder, TORSOCKS), **through}
    both = [TORSOCKS, product.LIBRARY] if first else [product.LIBRARY, TORSOCKS]
    under = {**product.environment(folder, *both), **through, "PINSHIM_CONFIG": str(policy.path)}
    for identity, environment, expected in (
        (stranger, without, True),
        (genuine, under, True),
        (stranger, under, False),
    ):
        leaked, done = send(folder, certificates, identity, environment)
        assert (SECRET.encode() in leaked) == expected, done
    assert leaked == b"" and done.status == 60, done
    event = policy.event()
    assert (event["verdict"], event["host"]) == ("pin-mismatch", HOST)
    said = [line for line in hop[0].lines if HOST in line]
    assert len(said) == 3, hop[0].lines
