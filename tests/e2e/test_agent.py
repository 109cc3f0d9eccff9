"""pinshim-agent: a policy that a key has signed is fetched and put in force."""

import os
import pathlib
import signal

import agents
import attacker
import bundles
import namespaces
import pki
import policies
import processes
import product
import pytest
import servers

pytestmark = namespaces.needed


@pytest.fixture
def machine(open_folder, certificates):
    """Nothing is installed yet."""
    return agents.Machine(open_folder, certificates)


@pytest.fixture
def key(tmp_path):
    """The administrator's."""
    return bundles.new_key(tmp_path)


class Site:
    """nginx that serves a bundle."""

    def __init__(self, server, folder, key):
        self._log = folder / "nginx" / "access.log"
        self._folder, self._key = folder, key
        self.files = folder / "files"
        self.url = f"https://{agents.HOST}:{server.port}/bundle"

    def publish(self, version, key=None, **settings):
        """Puts a bundle there, at once."""
        made = self._folder / "next"
        policy = agents.policy_folder(self._folder / f"v{version}", version, **settings)
        bundles.make(made, policy, key or self._key, version=version)
        made.rename(self.files / "bundle")

    def statuses(self):
        """Of every answer so far."""
        return [int(line.split('" ')[1].split()[0]) for line in self._log.read_text().splitlines()]


@pytest.fixture
def site(tmp_path, certificates, key):
    """The genuine one, with version 1."""
    (tmp_path / "files").mkdir()
    folder = tmp_path / "nginx"
    with servers.nginx(folder, certificates.genuine, files=tmp_path / "files") as server:
        site = Site(server, tmp_path, key)
        site.publish(1)
        yield site


@pytest.fixture
def ready(machine, site, key):
    """The machine, which knows where its policy comes from."""
    machine.configure(url=site.url, keys=key)
    return machine


def installed(agent, version):
    """Waits for it."""
    return agent.wait_for_match(rf"installed version {version}, signed by ", timeout=30)


def test_bundle_is_fetched_and_put_in_force(ready, site):
    with ready.start() as agent:
        installed(agent, 1)
        first = ready.image.read_bytes()
        assert ready.bundle.read_bytes() == (site.files / "bundle").read_bytes()
        assert not ready.before.exists()
        site.publish(2)
        assert ready.refresh().stdout == "a newer policy was installed\n"
        assert ready.before.read_bytes() == first != ready.image.read_bytes()
    assert site.statuses() == [200, 200]
    assert sorted(path.name for path in ready.state.iterdir()) == [
        ".agent",
        "agent.state",
        "bundle",
        "policy.cdb",
        "policy.cdb~",
    ]
