"""pinshim-agent, killed at every step of an install, and with no room left: the image is the old or the new one."""

import contextlib
import itertools
import random
import shlex
import shutil
import signal
import subprocess

import agents
import bundles
import namespaces
import product
import pytest

pytestmark = namespaces.needed

# What an install is made of: each call of each is a step before which the process may end.
STEPS = [
    "openat",
    "read",
    "write",
    "pwrite64",
    "fsync",
    "mkdir",
    "rename",
    "link",
    "unlink",
    "unlinkat",
    "rmdir",
    "fchmod",
    "close",
    "chdir",
    "fchdir",
]


class Install:
    """A machine on which version 1 is in force, before version 2 comes: again and again."""

    def __init__(self, machine, folder, key):
        self._machine = machine
        self.bundles = [
            bundles.make(
                folder / f"b{number}",
                agents.policy_folder(folder / f"v{number}", number),
                key,
                version=number,
            )
            for number in (1, 2)
        ]
        machine.configure(url="https://nowhere.example/bundle", keys=key)
        self._images = []
        for bundle in self.bundles:
            assert machine.install(bundle).returncode == 0
            self._images.append(machine.image.read_bytes())
            if bundle is self.bundles[0]:
                shutil.copytree(machine.state, folder / "before")
        self._before = folder / "before"
        assert self._images[0] != self._images[1]

    def reset(self):
        """As it was before."""
        shutil.rmtree(self._machine.state)
        shutil.copytree(self._before, self._machine.state)

    def check(self):
        """After its end, whatever that was: which image is there? And the next install is as any."""
        state = self._machine.state
        assert self._machine.image.read_bytes() in self._images
        before = self._machine.before
        assert not before.exists() or before.read_bytes() == self._images[0]
        half_done = any((state / ".agent").iterdir()) or (
            self._machine.bundle.read_bytes() == self.bundles[1].read_bytes()
        )
        found = self._images.index(self._machine.image.read_bytes())
        if half_done:
            done = self._machine.install(self.bundles[1])
            assert done.returncode == 0, done.stderr
            assert self._machine.image.read_bytes() == self._images[1]
            assert before.read_bytes() == self._images[0]
        return found

    def killed_at(self, step, count):
        """An install that ends before the count-th call; false where there are less of them."""
        words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={step}"]
        words += ["-e", f"inject={step}:signal=SIGKILL:when={count}"]
        done = self._machine.install(self.bundles[1], prefix=words)
        assert done.returncode in (0, -signal.SIGKILL, 128 + signal.SIGKILL), done
        return done.returncode != 0


@pytest.fixture
def install(machine, tmp_path, key):
    """Ready to be killed."""
    return Install(machine, tmp_path, key)


def test_killed_at_every_step_of_an_install(install):
    """Two hundred times and more; both images are found."""
    found = []
    for step in STEPS:
        for count in itertools.count(1):
            install.reset()
            if not install.killed_at(step, count):
                break
            found.append(install.check())
    assert len(found) >= 200 and set(found) == {0, 1}


def test_killed_at_any_moment(machine, install):
    """Of a process that nobody traces."""
    found = []
    for _ in range(40):
        install.reset()
        words = machine.inside(machine.agent, "install", install.bundles[1])
        with subprocess.Popen(words, env=machine.environment(), stderr=subprocess.PIPE) as process:
            try:
                process.wait(random.uniform(0.001, 0.12))
            except subprocess.TimeoutExpired:
                process.kill()
        found.append(install.check())
    assert len(found) == 40


def test_agent_makes_up_for_what_was_interrupted(machine, install):
    """A bundle was accepted, and its image not yet there: the start finds it, and needs no server."""
    install.reset()
    shutil.copy(install.bundles[1], machine.bundle)
    with machine.start() as agent:
        agent.wait_for_match("version 2 is in force again")
    assert install.check() == 1


def test_killed_while_it_fetches_and_installs(ready, site):
    """Root's process, at any moment of its start; no process of its outlives it, and the next one goes on."""
    assert ready.install(site.files / "bundle").returncode == 0
    first = ready.image.read_bytes()
    site.publish(2)
    for _ in range(12):
        with ready.start() as agent:
            with contextlib.suppress(AssertionError):  # it may be done within the time
                agent.wait_for_match("installed version 2", timeout=random.uniform(0.01, 0.3))
            below = agents.children_of(agent.pid)
            with contextlib.ExitStack() as watches:
                ended = [watches.enter_context(agents.watch(pid)) for pid in below]
                assert agent.end(signal.SIGKILL) == -signal.SIGKILL
                assert all(gone() for gone in ended)
        assert ready.image.read_bytes() == first or ready.before.read_bytes() == first
    with ready.start() as agent:
        ready.wait_for_socket(agent)
        assert ready.refresh().returncode == 0
    assert ready.explain("v2.example")["pinned"]


def test_full_disk(machine, install):
    """With ever more room: no install is half of one, and once there is enough it is a whole one."""
    script = """
        mount -t tmpfs -o size=128k tmpfs /var/lib/pinshim
        {agent} install {first}
        cp /var/lib/pinshim/policy.cdb {folder}/first
        head -c 128k /dev/zero > /var/lib/pinshim/filler 2> /dev/null || true
        for left in $(seq 124 -4 0); do
            status=0
            {agent} install {second} || status=$?
            if cmp -s /var/lib/pinshim/policy.cdb {folder}/first; then found=old; else found=new; fi
            {pinshim} check /var/lib/pinshim/policy.cdb > /dev/null
            echo "$status $found"
            truncate -s ${{left}}k /var/lib/pinshim/filler
        done
    """.format(
        agent=shlex.quote(str(machine.agent)),
        first=shlex.quote(str(install.bundles[0])),
        second=shlex.quote(str(install.bundles[1])),
        folder=shlex.quote(str(machine.folder)),
        pinshim=shlex.quote(str(product.PINSHIM)),
    )
    done = product.run(machine.inside("sh", "-ec", script), machine.environment())
    assert done.returncode == 0, done
    outcomes = done.stdout.split("\n")[:-1]
    assert outcomes[0] == "1 old" and outcomes[-1] == "0 new"
    assert set(outcomes) == {"1 old", "0 new"}
    assert "No space left on device" in done.stderr
