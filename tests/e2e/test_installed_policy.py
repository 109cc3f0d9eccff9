"""The policy of the machine: /var/lib/pinshim/policy.cdb, in a mount namespace of the test's own."""

import os
import shlex
import stat

import attacker
import clients
import kit
import machines
import namespaces
import pki
import policies
import processes
import product
import pytest
import terminal

pytestmark = namespaces.needed

REFUSED = "CERTIFICATE_VERIFY_FAILED"


@pytest.fixture
def machine(folder, client_kit):
    """Nothing is installed yet."""
    return machines.Machine(folder, client_kit)


@pytest.fixture
def strict(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder / "strict", certificates.genuine.pin)


@pytest.fixture
def lax(folder, certificates):
    """Pins another host."""
    return policies.pinning(folder / "lax", certificates.genuine.pin, name=pki.UNPINNED)


ways = pytest.mark.parametrize("by", ("run", "preload"))


@ways
def test_installed_policy_is_obeyed(machine, certificates, strict, lax, by):
    """And nothing is where none is; the newest one counts."""
    assert machine.outcome(certificates.attacker, "preload") == "connected"
    machine.install(strict)
    assert machine.outcome(certificates.genuine, by) == "connected"
    assert machine.outcome(certificates.attacker, by) == "refused"
    assert strict.event()["verdict"] == "pin-mismatch"
    machine.install(lax)
    assert machine.outcome(certificates.attacker, by) == "connected"


def test_etc_pinshim_is_what_is_installed(machine, certificates, folder, client_kit):
    """`pinshim compile` of the device's policy and the personas that it has received."""
    entry = policies.entry("elsewhere.example.test", pins=[certificates.genuine.pin])
    mail = policies.entry(pki.PINNED, service="email", pins=[certificates.genuine.pin])
    policy = policies.write(folder / "device", entry, personas=[policies.persona("p", mail)])
    etc = folder / "etc"
    script = [
        f"cp -a /etc {shlex.quote(str(etc))}",
        f"cp -a {shlex.quote(str(policy.path.parent))} {shlex.quote(str(etc / 'pinshim'))}",
        namespaces.covering("/etc", etc),
        namespaces.covering("/var/lib", machine.lib),
        f"{shlex.quote(str(product.PINSHIM))} check",
        f"{shlex.quote(str(product.PINSHIM))} compile",
    ]
    prefix = [*namespaces.inside("\n".join(["exec 3>&1 >&2", *script, "exec >&3"])), *machines.RUN]
    with attacker.Server(certificates.attacker) as server:
        run = client_kit(server.port, prefix=prefix)
        assert attacker.leaked(server.finish()) == b""
    assert run.line.refused_by_shim, run
    assert policy.event()["service"] == "email"


# --- PINSHIM_CONFIG


def test_named_policy_is_ignored_with_one_event(machine, certificates, strict, lax):
    machine.install(strict)
    assert machine.outcome(certificates.attacker, "preload", named=lax) == "refused"
    assert strict.event()["verdict"] == "pin-mismatch"
    (told,) = strict.about_itself()
    assert told["event"] == "policy-rejected" and "PINSHIM_CONFIG is ignored" in told["detail"]
    assert machine.outcome(certificates.genuine, "preload", named=lax) == "connected"
    assert lax.own_events() == []


def test_named_policy_counts_where_the_installed_one_allows_it(machine, certificates, folder, lax):
    pin = certificates.genuine.pin
    strict = policies.pinning(folder / "strict", pin, text="allow_override = true;")
    machine.install(strict)
    assert machine.outcome(certificates.attacker, "preload") == "refused"
    assert machine.outcome(certificates.attacker, "preload", named=lax) == "connected"
    assert len(strict.events()) == 1 and strict.own_events() == []


# --- damage


def damage(path):
    """One byte less; the file is another one then, as the two may be one by two names."""
    policies.replace(path, path.read_bytes()[:-1])


@ways
def test_image_before_it_stands_in_for_a_damaged_one(machine, certificates, strict, lax, by):
    machine.install(strict, lax)
    assert machine.outcome(certificates.attacker, by) == "connected"
    damage(machine.image)
    assert machine.outcome(certificates.attacker, by) == "refused"
    assert machine.outcome(certificates.genuine, by) == "connected"
    assert strict.event()["verdict"] == "pin-mismatch"
    assert set(strict.own_events()) == {"policy-rejected"}


def test_both_damaged_refuse_every_handshake(machine, certificates, folder, strict, lax):
    machine.install(strict, lax)
    damage(machine.image)
    damage(machine.before)
    assert machine.outcome(certificates.genuine, "preload") == "refused"
    with attacker.Server(certificates.genuine) as server:
        words = machine.inside(kit.KIT, "--port", server.port, "--sni", pki.UNPINNED)
        _, said = terminal.run(words, machine.preloaded())
        assert attacker.leaked(server.finish()) == b""
    assert f"{pki.UNPINNED} (policy-unreadable): the connection was terminated" in said
    assert strict.events() == lax.events() == []


# --- who may write it


FAULTS = {
    "image-of-everybody": lambda m: m.image.chmod(0o646),
    "image-of-its-group": lambda m: m.image.chmod(0o664),
    "image-of-somebody-else": lambda m: os.chown(m.image, 65534, 0),
    "folder-of-everybody": lambda m: m.place.chmod(0o757),
    "sticky-folder-of-everybody": lambda m: m.place.chmod(0o1777),
    "folder-of-its-group": lambda m: m.place.chmod(0o775),
    "folder-of-somebody-else": lambda m: os.chown(m.place, 65534, 0),
    "folder-by-a-link": lambda m: _link(m, m.place),
    "image-by-a-link": lambda m: _link(m, m.image),
    "image-gone-from-behind-a-link": lambda m: _link(m, m.image).unlink(),
    "folder-gone-from-behind-a-link": lambda m: _link(m, m.place).rename(m.lib / "public" / "x"),
}


def _link(machine, path):
    """Moves it into a folder that others may write, and puts a link in its place."""
    public = machine.lib / "public"
    public.mkdir()
    public.chmod(0o777)
    path.rename(public / path.name)
    path.symlink_to(f"/var/lib/public/{path.name}")
    return public / path.name


@pytest.mark.parametrize("fault", FAULTS)
def test_policy_that_others_may_change_is_none_to_go_by(machine, certificates, strict, fault):
    machine.install(strict)
    assert machine.outcome(certificates.genuine, "preload") == "connected"
    FAULTS[fault](machine)
    assert machine.outcome(certificates.genuine, "preload") == "refused"
    assert machine.outcome(certificates.attacker, "preload") == "refused"


def test_link_to_where_root_alone_may_write_is_fine(machine, certificates, strict):
    machine.install(strict)
    real = machine.lib / "elsewhere"
    machine.place.rename(real)
    machine.place.symlink_to("/var/lib/elsewhere")
    assert machine.outcome(certificates.genuine, "preload") == "connected"
    assert machine.outcome(certificates.attacker, "preload") == "refused"
    assert stat.S_IMODE(real.stat().st_mode) & 0o022 == 0


# --- replaced while a program runs


@pytest.mark.parametrize("size", (0, 0.5, 0.99))
def test_half_written_image_is_taken_up_once_it_is_whole(
    machine, certificates, folder, strict, lax, size
):
    """Until then the old policy stays in force."""
    machine.install(lax)
    new = lax.path.with_suffix(".bin")
    new.write_bytes(machine.image.read_bytes())
    machine.install(strict)
    with attacker.Server(certificates.attacker) as server:
        prefix = machine.inside(*machines.RUN)
        with clients.OnRequest(folder, certificates, server.port, prefix=prefix) as client:
            assert client.connect() == REFUSED
            data = new.read_bytes()
            machine.image.unlink()
            with machine.image.open("wb") as file:
                file.write(data[: int(len(data) * size)])
                file.flush()

                def refused_and_told(outcome):
                    assert outcome == REFUSED
                    return "policy-rejected" in strict.own_events()

                client.connect_until(refused_and_told)
                file.write(data[int(len(data) * size) :])
            assert server.received() == b""
            client.connect_until(lambda outcome: outcome == "connected")
    assert {event["verdict"] for event in strict.events()} == {"pin-mismatch"}
