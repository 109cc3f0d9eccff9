"""Each system call of the library fails once, or all from one on: pins hold, other hosts are reached."""

import errno

import attacker
import faults
import pki
import policies
import pytest

PINNED = {"sni": pki.PINNED, "verify_name": pki.PINNED}
UNPINNED = {"sni": pki.UNPINNED, "verify_name": pki.UNPINNED}

every_reason = pytest.mark.parametrize(
    "kind, reason",
    (("image", "EINTR"), ("image", "ENOMEM"), ("text", "EMFILE")),
    ids=("image-EINTR", "image-ENOMEM", "text-EMFILE"),
)


class Trial:
    """Connections that each meet one failing call."""

    def __init__(self, client_kit, certificates, folder, kind):
        policy = policies.pinning(folder, certificates.genuine.pin)
        self._policy = policies.image_of(policy) if kind == "image" else policy.path
        self._kit, self._folder = client_kit, folder

    def each(self, identity, reason, names, sticks=False):
        """[(point, did it connect)]: no byte leaves but on a connection that succeeds."""

        def run(variables):
            with attacker.Server(identity, attacker.answer_lines) as server:
                done = self._kit(server.port, extra_environment=variables, **names)
                connections = server.finish()
            expected = b"secret.1\n" if done.line.connected else b""
            assert attacker.leaked(connections) == expected, done
            assert done.line.connected or done.line.refused_by_shim, done
            return done.line.connected

        number = getattr(errno, reason)
        found = faults.Faults(self._folder, "syscall", error=number, sticks=sticks).each(
            self._policy, run
        )
        assert {"call_open", "file_status", "map_file"} <= faults.told(found)
        return [connected for _, connected in found]


@pytest.fixture
def trial(client_kit, certificates, folder):
    """Makes one."""
    return lambda kind: Trial(client_kit, certificates, folder, kind)


@every_reason
def test_man_in_the_middle_is_refused(trial, certificates, kind, reason):
    assert not any(trial(kind).each(certificates.attacker, reason, PINNED))


@pytest.mark.parametrize("kind", ("image", "text"))
def test_man_in_the_middle_is_refused_by_what_never_recovers(trial, certificates, kind):
    assert not any(trial(kind).each(certificates.attacker, "EIO", PINNED, sticks=True))


@every_reason
def test_genuine_server_is_reached(trial, certificates, kind, reason):
    assert all(trial(kind).each(certificates.genuine, reason, PINNED))


@every_reason
def test_unpinned_host_is_reached(trial, certificates, kind, reason):
    assert all(trial(kind).each(certificates.attacker, reason, UNPINNED))
