"""A policy that its author must mend: told by file and line, compiled to nothing, taken up by nobody."""

import grp
import pwd
import re

import attacker
import clients
import pki
import policies
import processes
import product
import pytest

REFUSED = "CERTIFICATE_VERIFY_FAILED"


def email(*pins, **settings):
    """An entry of a persona, in a line of its own: the third of its file."""
    settings = {"pins": list(pins)} if pins else settings
    return policies.entry("mail.corp.test", service="email", **settings)


def _persona(name, *entries, **settings):
    return policies.persona(name, *entries, **settings).encode()


# What is put beside the policy, or changed in it; where that is told, and how. The last: is it an
# error for a running process, too, or does that go on with what the author must mend?
PIN = "sha256//" + "A" * 43 + "="
BAD = {
    "contradiction": (
        {
            "1.conf": _persona("sales", email(PIN)),
            "2.conf": _persona("guests", email(pinned=False)),
        },
        r"persona.d/2.conf:3: error: .*\"guests\" exempts \"mail.corp.test\".* \"sales\" pins .*1.conf:3",
        False,
    ),
    "the same persona twice": (
        {"1.conf": _persona("sales"), "2.conf": _persona("sales")},
        r"persona.d/2.conf:1: error: persona \"sales\" .* stands twice",
        False,
    ),
    "unknown group": (
        {"1.conf": _persona("sales", user_groups=["no-such-group"])},
        r"persona.d/1.conf:1: error: .*unknown group \"no-such-group\"",
        True,
    ),
    "date in the past": (
        {"1.conf": _persona("sales", email(pins=[PIN], expires="2020-01-01"))},
        r"persona.d/1.conf:3: error: .*expired on 2020-01-01",
        False,
    ),
    "version from the future": (
        {"../pinshim.conf": (b"version = 1;", b"version = 2;")},
        r"pinshim.conf:1: error: version: 2 is from the future",
        True,
    ),
    "persona is a folder": ({"1.conf": None}, r"persona.d/1.conf: error: .*Is a directory", True),
    "include loop": (
        {"1.conf": b'@include "1.conf"\n' + _persona("sales")},
        r"persona.d/1.conf:1: error: @include is not supported",
        True,
    ),
    "service of the device": (
        {"1.conf": _persona("sales", policies.entry("a.test", service="cloud", pins=[PIN]))},
        r"persona.d/1.conf:3: error: .*\"cloud\" is none of \"email\", \"gateway\", \"workplace\"",
        True,
    ),
    "10,000 personas": (
        {f"{i}.conf": b'persona = { name = "p%d"; };\n' % i for i in range(10000)},
        r"persona.d: error: 10000 personas: at most \d+",
        True,
    ),
}


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf; its persona.d is empty yet."""
    made = policies.pinning(folder, certificates.genuine.pin)
    (folder / "persona.d").mkdir()
    return made


def spoil(policy, files):
    """Puts each file there at once, as any careful editor does."""
    for name, content in files.items():
        path = policy.path.parent / "persona.d" / name
        if content is None:
            path.mkdir()
        elif isinstance(content, tuple):
            policies.replace(path.resolve(), path.read_bytes().replace(*content))
        else:
            policies.replace(path, content)


def pinshim(folder, *words):
    """The command's end."""
    return processes.run([product.PINSHIM, *words], env=product.environment(folder))


def assert_told(done, policy, message):
    """An error, by file and line, and status 1."""
    assert done.status == 1 and done.stdout == "", done
    assert re.search("^" + re.escape(f"{policy.path.parent}/") + message, done.stderr, re.M), done


@pytest.mark.parametrize("case", BAD)
def test_author_is_told_and_the_image_stays(certificates, folder, policy, case):
    files, message, _ = BAD[case]
    image = policies.image_of(policy)
    before = image.read_bytes()
    assert pinshim(folder, "check", policy.path).status == 0
    with attacker.Server(certificates.attacker) as server:
        with clients.OnRequest(folder, certificates, server.port, image) as client:
            assert client.connect() == REFUSED
            spoil(policy, files)
            assert_told(pinshim(folder, "check", policy.path), policy, message)
            assert_told(pinshim(folder, "compile", "-o", image, policy.path), policy, message)
            assert image.read_bytes() == before
            assert client.connect() == REFUSED
        assert server.received() == b""
    assert {file.suffix for file in folder.glob("*.cdb*")} == {
        ".cdb"
    }  # no other file is left, either
    assert {event["verdict"] for event in policy.events()} == {"pin-mismatch"}
    assert policy.own_events() == []


@pytest.mark.parametrize("case", [case for case, (_, _, error) in BAD.items() if error])
def test_running_process_keeps_the_policy_before(certificates, folder, policy, case):
    with attacker.Server(certificates.attacker) as server:
        with clients.OnRequest(folder, certificates, server.port, policy.path) as client:
            assert client.connect() == REFUSED
            spoil(policy, BAD[case][0])

            def refused_and_told(outcome):
                assert outcome == REFUSED
                return "policy-rejected" in policy.own_events()

            client.connect_until(refused_and_told)
            assert client.connect() == REFUSED
        assert server.received() == b""
    assert {event["verdict"] for event in policy.events()} == {"pin-mismatch"}


@pytest.mark.parametrize("kind", ("file", "loop", "nowhere", "dangling"))
def test_persona_folder_that_cannot_be_read(folder, policy, kind):
    place = folder / "persona.d"
    place.rmdir()
    if kind == "file":
        place.write_text("not a folder\n")
    elif kind == "loop":
        place.symlink_to(place)
    elif kind == "nowhere":
        place.symlink_to(folder / "nowhere")
    else:
        place.mkdir()
        (place / "1.conf").symlink_to(folder / "nowhere")
    name = "persona.d/1.conf" if kind == "dangling" else "persona.d"
    message = rf"{name}: error: can't be read: "
    assert_told(pinshim(folder, "check", policy.path), policy, message)
    assert_told(pinshim(folder, "compile", "-o", folder / "x.cdb", policy.path), policy, message)
    assert not (folder / "x.cdb").exists()


def test_empty_persona_folder_that_others_may_write(folder, policy):
    """Who may put personas there may take them out, too: nothing is left then that would tell."""
    place = folder / "persona.d"
    place.chmod(0o777)
    message = "persona.d: error: may be written by everybody$"
    assert_told(pinshim(folder, "check", policy.path), policy, message)
    place.chmod(0o755)
    assert pinshim(folder, "check", policy.path).status == 0


def deserted_group():
    """A group of this machine that nobody is in."""
    primary = {account.pw_gid for account in pwd.getpwall()}
    for group in grp.getgrall():
        if not group.gr_mem and group.gr_gid not in primary:
            return group.gr_name
    return pytest.skip("every group here has a member")


def test_group_without_members_is_a_warning(folder, policy):
    group = deserted_group()
    spoil(policy, {"1.conf": _persona("sales", email(PIN), user_groups=[group])})
    done = pinshim(folder, "check", policy.path)
    assert done.status == 0, done
    where = re.escape(f"{folder}/persona.d/1.conf:1: warning: ")
    assert re.search(
        rf"^{where}.*nobody is known to be in the group \"{group}\"", done.stderr, re.M
    )
    assert policies.image_of(policy).exists()
