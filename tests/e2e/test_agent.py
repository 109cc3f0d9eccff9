"""pinshim-agent: a policy that a key has signed is fetched and put in force."""

import os
import re
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

pytestmark = namespaces.needed


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
    assert ready.image.stat().st_mode & 0o7777 == 0o644


def test_nothing_new_is_asked_for_by_its_etag(ready, site):
    """Also by the agent's next process; what the server has renewed meanwhile comes whole."""
    with ready.start() as agent:
        installed(agent, 1)
    with ready.start() as agent:
        ready.wait_for_socket(agent)
        assert ready.ask() == b"current"
        site.publish(2)
        assert ready.refresh().stdout == "a newer policy was installed\n"
    first, *between, last = site.statuses()
    assert (first, set(between), last) == (200, {304}, 200)


def test_administrator_is_answered_by_the_bundle_itself(ready, site):
    """nginx gives two bundles of one size and one second the same ETag."""
    with ready.start() as agent:
        installed(agent, 1)
        assert ready.refresh().stdout == "the newest policy is in force\n"
        site.publish(2, second=1)
        assert ready.ask() == b"current"
        assert ready.refresh().stdout == "a newer policy was installed\n"
    assert site.statuses() == [200, 200, 304, 200]


def test_refresh_puts_the_bundle_s_image_back(ready, site):
    """One that `pinshim compile` has put there lasts until then."""
    with ready.start() as agent:
        installed(agent, 1)
        first = ready.image.read_bytes()
        site.publish(2)
        assert ready.refresh().stdout == "a newer policy was installed\n"
        second = ready.image.read_bytes()
        ready.image.write_bytes(first)
        assert ready.ask() == b"current" and ready.image.read_bytes() == first
        assert ready.refresh().stdout == "the newest policy is in force\n"
        assert ready.image.read_bytes() == second
        agent.wait_for_match("version 2 is in force again")


def test_hangup_makes_it_read_and_fetch_again(ready, site, key):
    with ready.start() as agent:
        installed(agent, 1)
        site.publish(2)
        ready.hang_up(agent)
        installed(agent, 2)
        other = site.url.replace("bundle", "other")
        bundles.make(
            site.files / "other", agents.policy_folder(ready.folder / "o", 3), key, version=3
        )
        ready.configure(url=other, keys=key)
        ready.hang_up(agent)
        installed(agent, 3)


def test_settings_that_are_none_leave_the_old_ones_in_force(ready, site):
    with ready.start() as agent:
        installed(agent, 1)
        (ready.etc / "pinshim" / "pinshim.conf").write_text("nonsense")
        ready.hang_up(agent)
        agent.wait_for_match("the settings stay as they were")
        assert ready.ask() == b"current"
    assert set(site.statuses()[1:]) == {304}


def test_it_looks_again_by_itself(ready, site, key):
    ready.configure(url=site.url, keys=key, interval="10s")
    with ready.start() as agent:
        installed(agent, 1)
        site.publish(2)
        installed(agent, 2)


def test_what_meets_the_network_has_no_privileges(ready):
    with ready.start() as agent:
        installed(agent, 1)
        (front,) = agents.children_of(agent.pid)
        status = agents.status_of(front)
        users = (
            set(status["Uid"].split()) | set(status["Gid"].split()) | set(status["Groups"].split())
        )
        assert "0" not in users and len(status["Groups"].split()) == 0
        assert status["NoNewPrivs"] == "1"
        for name in "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb":
            assert int(status[name], 16) == 0, name


def test_end_of_the_front_is_the_agent_s(ready):
    """The service manager starts both again."""
    with ready.start() as agent:
        installed(agent, 1)
        (front,) = agents.children_of(agent.pid)
        os.kill(front, signal.SIGKILL)
        agent.wait_for_match("the front has ended")
        assert agent.end(0) == 1


def test_front_ends_with_the_agent(ready):
    with ready.start() as agent:
        installed(agent, 1)
        (front,) = agents.children_of(agent.pid)
        with agents.watch(front) as ended:
            assert agent.end(signal.SIGTERM) == 0
            assert ended()
    assert not ready.socket.exists()


def test_one_agent_at_a_time(ready):
    with ready.start() as agent:
        installed(agent, 1)
        done = ready.install(ready.bundle)
        assert done.returncode == 1 and "another pinshim-agent runs" in done.stderr
    assert ready.install(ready.bundle).returncode == 0


@pytest.mark.parametrize("place", ("lock's folder", "socket"))
def test_place_that_is_taken_is_told_of(ready, site, place):
    """And once it is free, the agent starts as ever."""
    taken = ready.socket if place == "socket" else ready.socket.parent
    if place == "socket":
        taken.mkdir(parents=True)
    else:
        taken.write_text("")
    with ready.start() as agent:
        agent.wait_for_match(r"pinshim/agent\.(sock|lock): ")
        assert agent.end(0) == 1
    assert not ready.image.exists() and site.statuses() == []
    taken.rmdir() if place == "socket" else taken.unlink()
    with ready.start() as agent:
        installed(agent, 1)


@pytest.mark.parametrize(
    "words, status, message",
    (
        (["install", "/nowhere"], 1, "/nowhere: No such file or directory"),
        (["install", "/etc"], 1, "it is empty|it is no bundle"),
        (["install"], 2, "install and a BUNDLE"),
        (["install", "/etc", "/etc"], 2, "install and a BUNDLE"),
        (["remove", "/etc"], 2, "install and a BUNDLE"),
    ),
    ids=str,
)
def test_words_that_install_nothing(ready, words, status, message):
    done = product.run(ready.inside(ready.agent, *words), ready.environment())
    assert done.returncode == status and re.search(message, done.stderr), done.stderr
    assert not ready.image.exists()


def test_others_than_root_install_nothing(ready, site):
    words = ready.inside(*product.become(["--reuid=nobody", "--clear-groups"]))
    done = product.run([*words, ready.agent, "install", site.files / "bundle"], ready.environment())
    assert done.returncode == 2 and "only root" in done.stderr
    assert not ready.image.exists()


def test_without_an_agent_section_there_is_nothing_to_do(machine):
    (machine.etc / "pinshim" / "pinshim.conf").write_text("version = 1;\n")
    with machine.start() as agent:
        agent.wait_for_match("there is nothing to do")
        assert agent.end(0) == 2


def test_refresh_without_an_agent(machine):
    done = machine.refresh()
    assert done.returncode == 1 and "pinshim-agent doesn't run" in done.stderr


# --- the policy in a bundle


def test_programs_obey_what_it_has_installed(ready, site, certificates, client_kit, folder):
    """And the man in the middle gets nothing of theirs."""
    site.publish(2, host="localhost", pin=certificates.genuine.pin)
    with ready.start() as agent:
        installed(agent, 2)
        prefix = [*ready.inside(product.PINSHIM, "run", "--")]
        for identity, refused in (certificates.genuine, False), (certificates.attacker, True):
            with attacker.Server(identity) as server:
                run = client_kit(
                    server.port, sni="localhost", verify_name="localhost", prefix=prefix
                )
                leaked = attacker.leaked(server.finish())
            assert (leaked == b"") is refused
            assert run.line.refused_by_shim is refused


def test_device_is_what_its_own_file_says(ready, site, tmp_path, key):
    """A persona for a group of devices, in a bundle that is the same for all of them."""
    folder = agents.policy_folder(tmp_path / "p", 2, text='device = { groups = ["kiosks"]; };')
    (folder / "persona.d").mkdir()
    mail = policies.entry("mail.example", service="email", pins=[policies.PIN])
    persona = policies.persona("field", mail, device_groups=["field"])
    (folder / "persona.d" / "a.conf").write_text(persona)
    bundles.make(site.files / "bundle", folder, key, version=2)
    for group, pinned in ("field", True), ("kiosks", False):
        ready.configure(url=site.url, keys=key, text=f'device = {{ groups = ["{group}"]; }};')
        assert ready.install(site.files / "bundle").returncode == 0
        assert (ready.explain("mail.example")["pinned"]) is pinned


def test_rotation_of_the_key_travels_in_a_bundle(ready, site, tmp_path, key):
    new = bundles.new_key(tmp_path, "new")
    assert ready.install(site.files / "bundle").returncode == 0
    words = f'agent = {{ url = "{site.url}"; public_key = ["{new.text}"]; }};'
    site.publish(2, text=words)
    assert ready.install(site.files / "bundle").returncode == 0
    site.publish(3)
    done = ready.install(site.files / "bundle")
    assert done.returncode == 1 and "isn't signed by an accepted key" in done.stderr
    site.publish(3, key=new)
    assert ready.install(site.files / "bundle").returncode == 0


def test_damaged_image_is_made_anew_at_the_start(ready, site):
    assert ready.install(site.files / "bundle").returncode == 0
    image = ready.image.read_bytes()
    for damage in policies.damage, lambda path: path.unlink():
        damage(ready.image)
        with ready.start() as agent:
            agent.wait_for_match("version 1 is in force again")
            assert ready.image.read_bytes() == image


def test_image_by_hand_lasts_until_the_next_start(ready, site):
    """The agent's is the bundle's."""
    assert ready.install(site.files / "bundle").returncode == 0
    bundled = ready.version()
    ready.compile()
    assert ready.version() != bundled
    with ready.start() as agent:
        agent.wait_for_match("version 1 is in force again")
        assert ready.version() == bundled


def test_bundle_by_hand_lets_a_locked_out_device_in(ready, site, certificates):
    """Its server of bundles has a key that the policy in force doesn't pin."""
    site.publish(1, host=agents.HOST, pin=policies.PIN)
    assert ready.install(site.files / "bundle").returncode == 0
    site.publish(2, host=agents.HOST, pin=certificates.genuine.pin)
    with ready.start() as agent:
        agent.wait_for_match("nothing fetched: ", timeout=30)
    assert ready.install(site.files / "bundle").returncode == 0
    site.publish(3, host=agents.HOST, pin=certificates.genuine.pin)
    with ready.start() as agent:
        installed(agent, 3)
