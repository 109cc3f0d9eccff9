"""Somebody else's bundles, servers and clocks before pinshim-agent: nothing of theirs is put in force."""

import os
import shutil

import agents
import bundles
import namespaces
import policies
import product
import pytest

pytestmark = namespaces.needed
LIMIT = 16 << 20  # bytes of a bundle


def altered(data):
    """Another host in the payload."""
    return data.replace(b"v2.example", b"v9.example")


def unsigned(data):
    """Without its signatures."""
    return b"pinshim-bundle 1\n\n" + data.split(b"\n\n", 1)[1]


CHANGES = {
    "altered": (altered, "was altered since"),
    "unsigned": (unsigned, "isn't signed"),
    "truncated": (lambda data: data[:-1], "was altered since"),
    "cut in its first line": (lambda data: data[:9], "is no bundle"),
    "longer": (lambda data: data + b"\n", "was altered since"),
    "empty": (lambda data: b"", "it is empty"),
    "a portal's page": (lambda data: b"<html>Sign in</html>\n", "is no bundle"),
    "16 MB and a byte": (lambda data: data.ljust(LIMIT + 1), "larger than 16 MB"),
    "16 MB": (lambda data: data.ljust(LIMIT), "was altered since"),
}


def refused(machine, agent, message):
    """The agent says why, and what was in force before is in force."""
    before = [machine.image.read_bytes(), machine.bundle.read_bytes()]
    assert machine.refresh().returncode == 1
    agent.wait_for_match(message)
    assert [machine.image.read_bytes(), machine.bundle.read_bytes()] == before


@pytest.mark.parametrize("change", CHANGES)
def test_bundle_that_was_tampered_with(ready, site, change):
    """By whoever has the web server; the publisher's own is taken once it is back."""
    tamper, message = CHANGES[change]
    with ready.start() as agent:
        agents.first_installed(agent)
        site.publish(2)
        genuine = (site.files / "bundle").read_bytes()
        site.replace(tamper(genuine), 3)
        refused(ready, agent, message)
        site.replace(genuine, 4)
        assert ready.refresh().stdout == "a newer policy was installed\n"


def test_bundle_by_another_key(ready, site, tmp_path):
    with ready.start() as agent:
        agents.first_installed(agent)
        site.publish(2, key=bundles.new_key(tmp_path, "theirs"))
        refused(ready, agent, "isn't signed by an accepted key")
        site.publish(3)
        assert ready.refresh().returncode == 0


def test_old_bundle_is_a_rollback(ready, site):
    """Also for the agent's next process, and with everything but its memory of versions gone."""
    old = (site.files / "bundle").read_bytes()
    site.publish(2)
    with ready.start() as agent:
        agent.wait_for_match("installed version 2", timeout=30)
        site.replace(old, 5)
        refused(ready, agent, "rollback: version 1 is older than 2")
    for file in ready.bundle, ready.image:
        file.unlink()
    done = ready.install(site.files / "bundle")
    assert done.returncode == 1 and "rollback: version 1 is older than 2" in done.stderr
    assert not ready.image.exists()
    site.publish(2, host="other.example")
    done = ready.install(site.files / "bundle")
    assert done.returncode == 1 and "there is another bundle of version 2" in done.stderr
    site.publish(3)
    assert ready.install(site.files / "bundle").returncode == 0


@pytest.mark.parametrize(
    "payload, message",
    [
        ({"expires": "2026-02-01T00:00:00Z"}, "version 2 has expired at 2026-02-01"),
        ({"pinshim_conf": "nonsense"}, r"pinshim.conf:\d+: error: syntax error"),
        ({"more": {"../../x": ""}}, "has a file that may not be called"),
        ({"more": {"persona.d": "x"}}, "persona.d: can't be read|persona.d.*[Nn]ot a directory"),
        (
            {
                "pinshim_conf": 'version = 1; agent = { url = "https://x.example/"; public_key = []; };'
            },
            "no device would accept another bundle",
        ),
    ],
    ids=["expired", "no policy", "a path outside", "a file for a folder", "the last one"],
)
def test_bundle_that_is_signed_and_no_good(ready, site, tmp_path, key, payload, message):
    """A slip of the publisher's leaves the policy as it was."""
    first = bundles.sign(tmp_path / "first", bundles.payload(), key)
    site.replace(first.read_bytes(), 1)
    with ready.start() as agent:
        agents.first_installed(agent)
        made = bundles.sign(tmp_path / "made", bundles.payload(version=2, **payload), key)
        site.replace(made.read_bytes(), 2)
        refused(ready, agent, message)
        site.publish(3)
        assert ready.refresh().returncode == 0
    assert not (ready.state / "x").exists() and not (ready.lib / "x").exists()


# --- the clock


CLOCK = f"/usr/lib/{product.multiarch()}/faketime/libfaketime.so.1"


def install_at(machine, bundle, day):
    """`pinshim-agent install` while the clock shows this day."""
    env = machine.environment(FAKETIME=f"@{day} 00:00:00", TZ="UTC")
    env["LD_PRELOAD"] = ":".join([*filter(None, [env.get("LD_PRELOAD")]), CLOCK])
    return product.run(machine.inside(machine.agent, "install", bundle), env)


def signed(folder, key, number, created, expires):
    """A bundle with times of its own."""
    made = bundles.payload(
        version=number, created=f"{created}T00:00:00Z", expires=f"{expires}T00:00:00Z"
    )
    return bundles.sign(folder / f"signed-{number}", made, key)


def test_clock_that_is_set_back_opens_no_expired_bundle(ready, tmp_path, key):
    """Where nothing is known of the past, it does."""
    good = signed(tmp_path, key, 1, "2026-01-01", "2026-06-01")
    stale = signed(tmp_path, key, 2, "2026-01-02", "2026-02-01")
    assert install_at(ready, good, "2026-03-01").returncode == 0
    done = install_at(ready, stale, "2026-01-15")
    assert done.returncode == 1 and "version 2 has expired at 2026-02-01" in done.stderr
    for path in ready.past, ready.bundle:
        path.unlink()
    assert install_at(ready, stale, "2026-01-15").returncode == 0


def test_clock_that_is_wrong_for_once_locks_nobody_out(ready, tmp_path, key):
    good = signed(tmp_path, key, 1, "2026-01-01", "2026-06-01")
    fresh = signed(tmp_path, key, 2, "2026-03-01", "2026-09-01")
    assert install_at(ready, good, "2026-02-01").returncode == 0
    done = install_at(ready, fresh, "2037-01-01")
    assert done.returncode == 1 and "has expired" in done.stderr
    assert install_at(ready, fresh, "2026-03-02").returncode == 0


def test_pins_that_expired_on_the_way_keep_no_device_from_its_policy(ready, tmp_path, key):
    """A laptop that slept takes it, and its image can be made anew. `pinshim check` and `bundle create` still refuse."""
    entry = policies.entry(
        "old.example", pins=[policies.PIN], service="custom", expires="2026-02-15"
    )
    text = f"version = 1;\ndomains = ( {entry} );\n"
    late = bundles.sign(tmp_path / "late", bundles.payload(pinshim_conf=text), key)
    done = install_at(ready, late, "2026-03-01")
    assert done.returncode == 0, done.stderr
    ready.image.write_bytes(b"damaged")
    assert "version 1 is in force again" in install_at(ready, late, "2026-03-02").stderr


def test_root_of_somebody_else_keeps_no_device_from_its_policy(ready, tmp_path, key, certificates):
    """It is none; a device whose user has put one there still gets newer pins."""
    roots = ready.etc / "local-roots"
    roots.mkdir()
    shutil.copy(certificates.bundle, roots / "users.crt")
    os.chown(roots / "users.crt", 65534, 65534)
    text = (
        'version = 1; local_proxy = { trust = "when-configured"; roots = ["/etc/local-roots"]; };'
    )
    made = bundles.sign(tmp_path / "made", bundles.payload(pinshim_conf=text), key)
    done = ready.install(made)
    assert done.returncode == 0, done.stderr


def test_policy_that_gets_old_is_warned_of(ready, tmp_path, key):
    """It stays in force: who is kept from the publisher must not lose the pins."""
    good = signed(tmp_path, key, 1, "2026-01-01", "2026-05-01")
    assert "warning" not in install_at(ready, good, "2026-01-02").stderr
    assert "expires at 2026-05-01" in install_at(ready, good, "2026-04-15").stderr
    done = install_at(ready, good, "2026-05-15")
    assert done.returncode == 0 and "has expired at 2026-05-01" in done.stderr
    assert ready.image.exists()
