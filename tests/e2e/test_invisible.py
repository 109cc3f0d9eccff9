"""For a host that no entry pins, a program can't tell that the shim is there: same bytes, results, errors, callbacks."""

import re

import attacker
import clients
import covering
import kit
import pki
import policies
import pytest
import raw_server

VERSIONS = ("1.2", "1.3")
every_version = pytest.mark.parametrize("tls", VERSIONS)
UNNAMED = {"sni": pki.UNPINNED, "verify_name": pki.UNPINNED}


@pytest.fixture
def policy(folder, certificates):
    """Pins something else."""
    return policies.pinning(folder, certificates.genuine.pin)


def without_waits(said):
    """How often a handshake has to wait for the network differs from run to run: that isn't compared."""
    if isinstance(said, tuple):
        return tuple(map(without_waits, said))
    return re.sub(r"1002:-1:\w+;", "", said) if isinstance(said, str) else said


def both(connect, policy):
    """What connect(policy) gives, without and with the shim."""
    return [without_waits(connect(under)) for under in (None, policy)]


@covering.every_pair(driver=kit.DRIVERS, verify=kit.VERIFICATIONS, tls=VERSIONS)
def test_connection(client_kit, certificates, policy, driver, verify, tls):
    def connect(under):
        with attacker.Server(certificates.attacker, kit.answer_for(driver)) as server:
            run = client_kit(
                server.port,
                policy=under,
                drive=driver,
                verify=verify,
                tls=tls,
                info="early",
                **UNNAMED
            )
            assert run.status == 0, run
            return run.finished.stdout, [connection.hello for connection in server.finish()]

    without, under = both(connect, policy)
    assert without == under
    assert "trace=-" not in without[0]
    assert policy.events() == []


@every_version
@pytest.mark.parametrize("info", ("context", "early", "late"))
@pytest.mark.parametrize(
    "options", ((), ("--nonblocking",), ("--dup",), ("--clear",), ("--swap-context",)), ids=str
)
def test_info_callback(client_kit, certificates, policy, info, options, tls):
    """Every call of the program's own, in the same order with the same state."""

    def connect(under):
        with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
            run = client_kit(
                server.port,
                *options,
                policy=under,
                count=2,
                resume="memory",
                tls=tls,
                info=info,
                **UNNAMED
            )
            assert run.status == 0, run
            return run.finished.stdout

    without, under = both(connect, policy)
    if "--nonblocking" in options:  # how often it must wait is up to the network
        without, under = (
            [line.rpartition(" trace=")[0] for line in text.splitlines()]
            for text in (without, under)
        )
    assert without == under


@covering.every_pair(
    driver=("connect", "write", "bio_write", "memory_connect"),
    wrong=("unknown-authority", "expired", "other-name"),
    verify=("none", "peer", "instead-verifies"),
    tls=VERSIONS,
)
def test_bad_certificate(client_kit, certificates, policy, driver, wrong, verify, tls):
    """The program's own verdict, errors and alert."""
    identity = {
        "unknown-authority": certificates.stranger_root.issue(),
        "expired": certificates.attacker_root.issue(valid=(-2 * pki.DAY, -pki.DAY)),
        "other-name": certificates.attacker_root.issue(("elsewhere.example.test",)),
    }[wrong]

    def connect(under):
        with attacker.Server(identity, attacker.answer_lines) as server:
            run = client_kit(
                server.port,
                policy=under,
                drive=driver,
                verify=verify,
                tls=tls,
                info="context",
                **UNNAMED
            )
            return run.status, run.finished.stdout, server.finish()[0].alert

    without, under = both(connect, policy)
    assert without == under
    assert without[0] == (0 if verify == "none" else 1)


ANSWERS = {
    "nothing": b"",
    "garbage": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "alert": raw_server.record(21, b"\x02\x28"),
    "half-a-record": raw_server.record(22, b"\x02" * 100)[:50],
    "zeros": bytes(64),
    "hello-then-nothing": raw_server.server_hello(),
    "hello-then-garbage": raw_server.server_hello() + b"\xff" * 300,
}


@covering.every_pair(
    driver=("connect", "do_handshake", "write", "read", "bio_write", "memory_connect"),
    answer=ANSWERS,
    name=(pki.UNPINNED, pki.PINNED),
    tls=VERSIONS,
)
def test_server_that_fails(client_kit, policy, driver, answer, name, tls):
    """Error queue, errno, callbacks and ClientHello; a pinned host's, too, as long as no certificate was shown."""

    def connect(under):
        with raw_server.Server(ANSWERS[answer]) as server:
            run = client_kit(
                server.port,
                policy=under,
                drive=driver,
                tls=tls,
                info="context",
                sni=name,
                verify_name=name,
            )
            assert run.status == 1, run
            return run.finished.stdout, server.hellos, server.replies

    without, under = both(connect, policy)
    assert without == under
    assert policy.events() == []


@every_version
@pytest.mark.parametrize("client", clients.CLIENTS, ids=lambda client: client.name)
def test_client_hello_of_real_programs(client, certificates, folder, policy, tls):
    """Pinned or not, the first message of a program stays what it is."""

    def connect(under):
        hellos = []
        for host in (pki.UNPINNED, pki.PINNED):
            with attacker.Server(certificates.genuine) as server:
                done = client.run(
                    clients.Request(host, server.port, certificates.bundle, "x", tls), folder, under
                )
                assert done.status == 0, done
                hellos += [connection.hello for connection in server.finish()]
        return hellos

    without, under = both(connect, policy)
    assert None not in without and without == under


@covering.every_pair(
    verify=kit.VERIFICATIONS, info=("none", "context", "early", "late"), tls=VERSIONS
)
def test_pinned_host_that_is_genuine(client_kit, certificates, policy, verify, info, tls):
    """Not promised as for others, but true: the program sees no difference either."""

    def connect(under):
        with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
            run = client_kit(
                server.port,
                policy=under,
                verify=verify,
                tls=tls,
                info=info,
                count=2,
                resume="memory",
            )
            assert run.status == 0, run
            return run.finished.stdout, [connection.hello for connection in server.finish()]

    without, under = both(connect, policy)
    assert without == under


@every_version
def test_no_policy_at_all(client_kit, certificates, tls):
    """The library preloaded, and nothing named: inert."""

    def connect(under):
        with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
            run = client_kit(
                server.port,
                policy=under,
                preload=bool(under),
                tls=tls,
                info="context",
                extra_environment={"PINSHIM_CONFIG": ""} if under else None,
            )
            return run.finished.stdout, [connection.hello for connection in server.finish()]

    without, under = both(connect, "/nonexistent")
    assert without == under
