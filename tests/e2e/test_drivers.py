"""Every call that drives a handshake, under every way to verify: the C client, both servers."""

import attacker
import covering
import kit
import pki
import policies
import pytest

VERSIONS = ("1.2", "1.3")
every_version = pytest.mark.parametrize("tls", VERSIONS)


@pytest.fixture
def policy(folder, certificates):
    """The pinned name's one pin is the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


def assert_refused(run, connections, policy, verdict="pin-mismatch"):
    """An ordinary failure in the handshake, alert 42, no byte, and an event."""
    assert run.status == 1 and run.line.refused_by_shim, run
    assert [c.alert for c in connections] == [attacker.BAD_CERTIFICATE], run
    assert attacker.leaked(connections) == b""
    event = policy.event()
    assert (event["event"], event["verdict"]) == ("untrusted-connection", verdict)
    assert (event["host"], event["app"], event["library"]) == (pki.PINNED, "kit", "openssl")


class Attack:
    """One way to use OpenSSL, tried against the man in the middle and the genuine server."""

    def __init__(self, client_kit, certificates, policy, **settings):
        self._kit, self._certificates, self._policy, self._settings = (
            client_kit,
            certificates,
            policy,
            settings,
        )

    def _connect(self, identity, *options, policy=None):
        with attacker.Server(identity, kit.answer_for(self._settings["drive"])) as server:
            return (
                self._kit(server.port, *options, policy=policy, **self._settings),
                server.finish(),
            )

    def succeeds_without_the_shim(self, *options):
        """The secret is the attacker's."""
        run, connections = self._connect(self._certificates.attacker, *options)
        assert run.status == 0 and run.line.connected, run
        assert attacker.leaked(connections) == b"secret.1\n"

    def is_ended_by_the_shim(self, *options):
        """The secret stays where it is."""
        run, connections = self._connect(self._certificates.attacker, *options, policy=self._policy)
        assert_refused(run, connections, self._policy)

    def leaves_the_genuine_server_alone(self, *options):
        """The twin: the same client, the right server."""
        run, connections = self._connect(self._certificates.genuine, *options, policy=self._policy)
        assert run.status == 0 and run.line.connected, run
        assert attacker.leaked(connections) == b"secret.1\n"
        assert self._policy.events() == []


@covering.every_pair(driver=kit.DRIVERS, verify=kit.VERIFICATIONS, tls=VERSIONS)
def test_pin_holds_whichever_call_drives_the_handshake(
    client_kit, certificates, policy, driver, verify, tls
):
    attack = Attack(client_kit, certificates, policy, drive=driver, verify=verify, tls=tls)
    attack.succeeds_without_the_shim()
    attack.leaves_the_genuine_server_alone()
    attack.is_ended_by_the_shim()


@covering.every_pair(
    driver=kit.DRIVERS, verify=("none", "peer", "callback", "instead-later"), tls=VERSIONS
)
def test_pin_holds_on_a_nonblocking_socket(client_kit, certificates, policy, driver, verify, tls):
    attack = Attack(client_kit, certificates, policy, drive=driver, verify=verify, tls=tls)
    attack.succeeds_without_the_shim("--nonblocking")
    attack.leaves_the_genuine_server_alone("--nonblocking")
    attack.is_ended_by_the_shim("--nonblocking")


@every_version
@pytest.mark.parametrize("info", ("context", "early", "late"))
@pytest.mark.parametrize("verify", ("none", "peer", "instead"))
def test_pin_holds_beside_a_program_s_own_info_callback(
    client_kit, certificates, policy, info, verify, tls
):
    attack = Attack(
        client_kit, certificates, policy, drive="connect", verify=verify, tls=tls, info=info
    )
    attack.succeeds_without_the_shim()
    attack.leaves_the_genuine_server_alone()
    attack.is_ended_by_the_shim()


@every_version
@pytest.mark.parametrize("driver", ("connect", "bio_write"))
@pytest.mark.parametrize("option", ("--dup", "--swap-context"))
def test_pin_holds_for_an_ssl_that_was_changed_first(
    client_kit, certificates, policy, option, driver, tls
):
    attack = Attack(client_kit, certificates, policy, drive=driver, verify="none", tls=tls)
    attack.succeeds_without_the_shim(option)
    attack.leaves_the_genuine_server_alone(option)
    attack.is_ended_by_the_shim(option)


@covering.every_pair(driver=kit.DRIVERS, verify=("none", "peer", "instead"), tls=VERSIONS)
def test_refusal_sticks_for_a_program_that_writes_regardless(
    client_kit, certificates, policy, driver, verify, tls
):
    with attacker.Server(certificates.attacker, kit.answer_for(driver)) as server:
        run = client_kit(
            server.port, "--ignore-errors", policy=policy, drive=driver, verify=verify, tls=tls
        )
        assert_refused(run, server.finish(), policy)
        assert all(int(result) <= 0 for result in run.line["forced"].split(",")), run


@every_version
@pytest.mark.parametrize("verify", kit.VERIFICATIONS)
def test_program_s_own_refusal_stays(client_kit, certificates, folder, verify, tls):
    """The shim weakens nothing: right key, but a certificate that the program does not accept."""
    expired = certificates.intermediate.issue(
        key=certificates.genuine.key, valid=(-2 * pki.DAY, -pki.DAY)
    )
    policy = policies.pinning(folder, expired.pin)
    with attacker.Server(expired, attacker.answer_lines) as server:
        without = client_kit(server.port, verify=verify, tls=tls)
        under = client_kit(server.port, verify=verify, tls=tls, policy=policy)
    assert under.finished.stdout == without.finished.stdout
    assert (
        under.status
        == without.status
        == (1 if verify in ("peer", "instead-verifies", "instead-later") else 0)
    )


@every_version
@pytest.mark.parametrize("fork", ("before", "between"))
def test_pin_holds_around_a_fork(client_kit, certificates, policy, fork, tls):
    with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
        run = client_kit(server.port, policy=policy, fork=fork, tls=tls)
        assert run.status == 0 and all(line.connected for line in run.lines), run
        assert set(attacker.leaked(server.finish()).split()) == {b"secret.1"}
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        without = client_kit(server.port, fork=fork, tls=tls)
        assert without.status == 0, without
        assert attacker.leaked(server.finish()) != b""
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        run = client_kit(server.port, policy=policy, fork=fork, tls=tls)
        connections = server.finish()
    assert run.status == 1 and all(line.refused_by_shim for line in run.lines), run
    assert attacker.leaked(connections) == b""
    assert [c.alert for c in connections] == [attacker.BAD_CERTIFICATE] * len(run.lines)
    assert (
        len(run.lines) == (2 if fork == "before" else 1) == len({e["pid"] for e in policy.events()})
    )


@every_version
@pytest.mark.parametrize("verify", ("none", "peer", "instead-overrides"))
def test_pin_holds_in_every_one_of_32_threads(client_kit, certificates, policy, verify, tls):
    with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
        run = client_kit(server.port, policy=policy, threads=32, verify=verify, tls=tls)
        assert run.status == 0 and len(run.lines) == 32, run
        secrets = attacker.leaked(server.finish()).split()
        assert sorted(secrets) == sorted(b"secret.%d" % i for i in range(1, 33))
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        assert client_kit(server.port, threads=32, verify=verify, tls=tls).status == 0
        assert len(attacker.leaked(server.finish()).split()) == 32
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        run = client_kit(server.port, policy=policy, threads=32, verify=verify, tls=tls)
        connections = server.finish()
    assert len(run.lines) == 32 and all(line.refused_by_shim for line in run.lines), run
    assert attacker.leaked(connections) == b""
    assert [c.alert for c in connections] == [attacker.BAD_CERTIFICATE] * 32
    assert len(policy.events()) == 32
