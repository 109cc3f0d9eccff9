"""A key is rotated: before a handshake is ended, the agent is asked for fresher pins."""

import attacker
import clients
import machines
import namespaces
import pki
import policies
import processes
import product
import pytest
import scripted_agents

pytestmark = namespaces.needed


INSTALLED = b"installed"


REQUEST = f"refresh {pki.PINNED}"


@pytest.fixture
def machine(folder, client_kit, run_folder):
    """With nothing installed yet, and no agent."""
    return machines.Machine(folder, client_kit, run_folder)


@pytest.fixture(scope="module")
def rotated(certificates):
    """The genuine server with its next key."""
    return certificates.intermediate.issue()


@pytest.fixture
def old(folder, certificates):
    """Pins the genuine server's key."""
    return policies.pinning(folder / "old", certificates.genuine.pin)


@pytest.fixture
def new(folder, rotated):
    """Pins its next one."""
    return policies.pinning(folder / "new", rotated.pin)


def installing(machine, policy):
    """An agent that has a newer policy."""
    policies.image_of(policy)
    return scripted_agents.answering(INSTALLED, lambda: machine.put(policy))


def connect(machine, client_kit, identity, *options, by="run", **settings):
    """The run of a client there, and the bytes that the server got."""
    prefix = machine.inside(*(machines.RUN if by == "run" else ()))
    env = {} if by == "run" else machine.preloaded()
    with attacker.Server(identity, attacker.answer_lines) as server:
        run = client_kit(server.port, *options, prefix=prefix, extra_environment=env, **settings)
        return run, attacker.leaked(server.finish())


def about_refresh(*of):
    """The details of what was told of questions."""
    return [e["detail"] for p in of for e in p.lines() if e["event"] == "refresh"]


def verdicts(*of):
    """Those that ended a connection."""
    return [e["verdict"] for p in of for e in p.lines() if e["event"] == "untrusted-connection"]


# --- fresher pins


@pytest.mark.parametrize("library", machines.KITS)
def test_first_connection_to_a_rotated_key_goes_through(
    machine, run_folder, folder, certificates, old, new, rotated, library
):
    """The same handshake goes on; without an agent it ends."""
    client_kit = machines.KITS[library](folder, certificates)
    machine.install(old)
    run, leaked = connect(machine, client_kit, rotated)
    assert run.line.refused_by_shim and leaked == b"", run
    with scripted_agents.Agent(run_folder, installing(machine, new)) as agent:
        run, leaked = connect(machine, client_kit, rotated)
        assert run.status == 0 and leaked == b"secret.1\n", run
        assert agent.requests() == [REQUEST]
    assert (about_refresh(old), about_refresh(new)) == ([], ["installed"])
    assert (verdicts(old), verdicts(new)) == (["pin-mismatch"], [])
    assert new.own_events() == ["policy-loaded"]


@pytest.mark.parametrize("library", machines.KITS)
def test_policy_of_a_moment_ago_counts_where_nobody_is_asked(
    machine, folder, certificates, old, new, rotated, library
):
    """The host was asked for within the minute, and the file has been looked at within the second."""
    machine.install(old)
    policies.image_of(new)
    arrivals = []

    def put_meanwhile(_):
        arrivals.append(None)
        if len(arrivals) == 2:
            machine.put(new)
        return True

    client_kit = machines.KITS[library](folder, certificates)
    with attacker.Server(rotated, attacker.answer_lines, before=put_meanwhile) as server:
        settings = {"then_sni": pki.PINNED, "then_verify_name": pki.PINNED, "count": 2}
        words = machine.inside(*machines.RUN)
        run = client_kit(server.port, "--ignore-errors", prefix=words, **settings)
        leaked = attacker.leaked(server.finish())
    assert [line.connected for line in run.lines] == [False, True], run
    assert leaked == b"secret.2\n"


@pytest.mark.parametrize("library", machines.KITS)
def test_man_in_the_middle_of_a_rotation_is_still_terminated(
    machine, run_folder, folder, certificates, old, new, library
):
    client_kit = machines.KITS[library](folder, certificates)
    machine.install(old)
    with scripted_agents.Agent(run_folder, installing(machine, new)) as agent:
        run, leaked = connect(machine, client_kit, certificates.attacker)
        assert run.line.refused_by_shim and leaked == b"", run
        assert agent.requests() == [REQUEST]
    (told,) = [event for event in new.lines() if event["event"] == "untrusted-connection"]
    assert told["expected_pins"] == [new_pin(new)] and verdicts(old) == []


def new_pin(policy):
    """The pin that a policy's text holds."""
    return policy.path.read_text().split('"sha256//')[1].split('"')[0].join(("sha256//", ""))


def test_refresh_event(machine, run_folder, client_kit, old, new, rotated):
    machine.install(old)
    with scripted_agents.Agent(run_folder, installing(machine, new)):
        connect(machine, client_kit, rotated)
    (event,) = [event for event in new.lines() if event["event"] == "refresh"]
    assert set(event) == policies.EVENT_FIELDS | {"detail"}
    assert (event["verdict"], event["host"]) == ("pin-mismatch", pki.PINNED)
    assert event["policy_version"] == policies.version_of(machine.image)


def test_host_that_is_pinned_no_more_is_let_be(
    machine, run_folder, client_kit, certificates, folder, old
):
    lax = policies.pinning(folder / "lax", certificates.genuine.pin, name=pki.UNPINNED)
    machine.install(old)
    with scripted_agents.Agent(run_folder, installing(machine, lax)):
        run, leaked = connect(machine, client_kit, certificates.attacker)
    assert run.status == 0 and leaked == b"secret.1\n", run


def test_program_s_own_refusal_stands(machine, run_folder, client_kit, certificates, old, folder):
    """The fresh pin is a server's whom the program itself doesn't trust."""
    stranger = certificates.stranger_root.issue()
    fresh = policies.pinning(folder / "fresh", stranger.pin)
    machine.install(old)
    with scripted_agents.Agent(run_folder, installing(machine, fresh)) as agent:
        run, leaked = connect(machine, client_kit, stranger, verify="peer")
        assert not run.line.connected and leaked == b"", run
        assert agent.requests() == [REQUEST]
    assert verdicts(old, fresh) == []


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
def test_session_is_resumed_under_the_newer_policy(
    machine, run_folder, client_kit, old, new, rotated, tls
):
    machine.install(old)
    with scripted_agents.Agent(run_folder, installing(machine, new)) as agent:
        run, _ = connect(machine, client_kit, rotated, tls=tls, count=3, resume="memory")
        assert run.status == 0 and [line["reused"] for line in run.lines] == ["0", "1", "1"], run
        assert agent.requests() == [REQUEST]


def test_threads_wait_for_one_answer(machine, run_folder, client_kit, old, new, rotated):
    machine.install(old)
    with scripted_agents.Agent(run_folder, installing(machine, new)) as agent:
        run, leaked = connect(machine, client_kit, rotated, threads=8, count=8)
        assert run.status == 0 and len(run.lines) >= 8, run
        assert leaked.count(b"secret.") == len(run.lines)
        assert agent.requests() == [REQUEST]


@pytest.mark.parametrize("name", ("curl", "python-urllib"))
def test_real_program_notices_nothing(
    machine, run_folder, folder, certificates, old, new, rotated, name
):
    client = clients.BY_NAME["curl"]
    machine.install(old)
    with scripted_agents.Agent(run_folder, installing(machine, new)) as agent:
        with attacker.Server(rotated) as server:
            request = clients.Request(pki.PINNED, server.port, certificates.bundle, "s3cret", "1.3")
            words = machine.inside(*machines.RUN, *client.arguments(request))
            done = processes.run(words, env=product.environment(folder))
            assert b"s3cret" in attacker.leaked(server.finish())
        assert (done.status, done.stderr) == (0, "")
        assert agent.requests() == [REQUEST]


# --- how often


def test_agent_is_asked_once_a_minute_for_a_host(
    machine, run_folder, client_kit, certificates, old
):
    machine.install(old)
    with scripted_agents.Agent(run_folder, scripted_agents.answering(b"current")) as agent:
        run, leaked = connect(machine, client_kit, certificates.attacker, count=5)
        assert len(run.lines) == 5 and all(line.refused_by_shim for line in run.lines), run
        assert leaked == b"" and agent.requests() == [REQUEST]
    assert about_refresh(old) == ["current"] and len(verdicts(old)) == 5


def test_each_host_has_its_question(machine, run_folder, client_kit, certificates, folder):
    pin = certificates.genuine.pin
    names = (pki.PINNED, pki.UNPINNED)
    both = policies.write(folder / "both", *[policies.entry(name, pins=[pin]) for name in names])
    then = {"then_sni": pki.UNPINNED, "then_verify_name": pki.UNPINNED}
    machine.install(both)
    with scripted_agents.Agent(run_folder, scripted_agents.answering(b"failed")) as agent:
        _, leaked = connect(machine, client_kit, certificates.attacker, count=3, **then)
        assert leaked == b""
        assert agent.requests() == [f"refresh {name}" for name in names]
    assert about_refresh(both) == ["failed", "failed"]


# --- when nothing is asked


def test_nothing_is_asked_without_a_violation(machine, run_folder, client_kit, certificates, old):
    machine.install(old)
    with scripted_agents.Agent(run_folder, scripted_agents.answering(INSTALLED)) as agent:
        run, _ = connect(machine, client_kit, certificates.genuine)
        assert run.status == 0
        settings = {"sni": pki.UNPINNED, "verify_name": pki.UNPINNED}
        run, _ = connect(machine, client_kit, certificates.attacker, **settings)
        assert run.status == 0
        assert agent.requests() == []


def test_nothing_is_asked_in_report_mode(machine, run_folder, client_kit, certificates, folder):
    policy = policies.pinning(folder / "r", certificates.genuine.pin, action="report")
    machine.install(policy)
    with scripted_agents.Agent(run_folder, scripted_agents.answering(INSTALLED)) as agent:
        run, _ = connect(machine, client_kit, certificates.attacker)
        assert run.status == 0 and agent.requests() == []
    assert policy.event()["event"] == "would-terminate"


def test_nothing_is_asked_for_a_policy_that_was_named(
    machine, run_folder, client_kit, certificates, old
):
    with scripted_agents.Agent(run_folder, scripted_agents.answering(INSTALLED)) as agent:
        with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
            words = machine.inside()
            run = client_kit(server.port, policy=old, prefix=words)
            assert run.line.refused_by_shim and attacker.leaked(server.finish()) == b""
        assert agent.requests() == []
    assert len(old.events()) == 1
