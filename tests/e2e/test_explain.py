"""pinshim explain: which entry decides, which personas apply, what would do, and what the server is worth."""

import grp
import json
import os
import pwd

import explaining
import policies
import product
import pytest


def persona(name, groups="", security="", domains=""):
    """A persona's text."""
    return (
        f'persona = {{ name = "{name}"; version = 7; {groups}\n'
        f"  workplace = {{ security = {{ {security} }}; }};\n"
        f"  domains = ( {domains} );\n}};\n"
    )


def line_of(path, text):
    """On which line of a file something stands."""
    lines = path.read_text().splitlines()
    return 1 + next(number for number, line in enumerate(lines) if text in line)


# --- Entries


@pytest.mark.parametrize(
    "host, rule, deciding, all_entries",
    (
        ("maas360.test", "maas360.test", ["maas360.test"], 1),
        ("a.maas360.test", "maas360.test", ["maas360.test"], 1),
        ("a.cdn.maas360.test", "*.cdn.maas360.test", ["*.cdn.maas360.test"], 2),
        ("a.b.cdn.maas360.test", "maas360.test", ["maas360.test"], 1),
        ("STATUS.maas360.test.", "status.maas360.test", ["status.maas360.test"], 2),
        ("other.test", None, [], 0),
        ("münchen.test", "xn--mnchen-3ya.test", ["xn--mnchen-3ya.test"], 1),
        ("192.0.2.7", "192.0.2.7", ["192.0.2.7"], 1),
        ("[2001:DB8::1]:8443", "2001:db8::1", ["2001:db8::1"], 1),
    ),
)
def test_entry_that_decides(folder, host, rule, deciding, all_entries):
    policy = policies.write(
        folder,
        policies.entry("maas360.test", include_subdomains=True, pins=[policies.PIN]),
        policies.entry("*.cdn.maas360.test", pins=[policies.PIN]),
        policies.entry("status.maas360.test", pinned=False),
        '{ name = "münchen.test"; service = "custom"; pins = ["%s"]; }' % policies.PIN,
        policies.entry("192.0.2.7", pins=[policies.PIN]),
        policies.entry("2001:db8::1", pins=[policies.PIN]),
    )
    status, said = explaining.explain(policy, host)
    assert status == 0
    assert said["rule"] == rule
    assert [entry["name"] for entry in said["entries"] if entry["decides"]] == deciding
    assert len(said["entries"]) == all_entries
    assert said["pinned"] == (rule not in (None, "status.maas360.test"))
    for entry in said["entries"]:
        assert entry["file"] == str(policy.path)
        assert entry["line"] >= line_of(
            policy.path, f'"{entry["name"].replace("xn--mnchen-3ya", "münchen")}"'
        )
    text = explaining.readable(policy, host)
    assert text.startswith(f"{said['host']} is {'pinned' if said['pinned'] else 'not pinned'}: ")
    for entry in said["entries"]:
        assert f"{entry['file']}:{entry['line']}" in text


@pytest.mark.parametrize(
    "switch, service, validate, pinned, why",
    (
        ("off", "cloud", True, False, '"off"'),
        ("all-devices", "cloud", False, True, '"all-devices"'),
        (
            "specific-groups",
            "cloud",
            False,
            False,
            "no applied persona has validate_server_certificate",
        ),
        (
            "specific-groups",
            "cloud",
            True,
            True,
            "an applied persona has validate_server_certificate",
        ),
        ("off", "enrollment", False, True, "whatever the switch says"),
        ("off", "custom", False, True, "whatever the switch says"),
    ),
)
def test_switch(folder, switch, service, validate, pinned, why):
    personas = [persona("p", security="validate_server_certificate = true;")] if validate else []
    entry = policies.entry(explaining.HOST, service=service, pins=[policies.PIN])
    policy = policies.write(folder, entry, switch=switch, personas=personas)
    _, said = explaining.explain(policy, explaining.HOST)
    assert (said["pinned"], said["service"]) == (pinned, service)
    assert why in said["why"]
    assert (said["satisfied_by"] is not None) == pinned


def test_expiry(folder):
    policy = policies.write(
        folder,
        policies.entry("a.test", pins=[policies.PIN], expires="2020-02-29", on_expiry="open"),
        policies.entry("b.test", pins=[policies.PIN], expires="2020-02-29"),
        policies.entry("c.test", pins=[policies.PIN], expires="2099-12-31"),
    )
    found = {}
    for host in ("a.test", "b.test", "c.test"):
        _, said = explaining.explain(policy, host)
        entry = said["entries"][0]
        found[host] = (said["pinned"], entry["expires"], entry["expired"], entry["on_expiry"])
    assert found == {
        "a.test": (False, "2020-02-29", True, "open"),
        "b.test": (True, "2020-02-29", True, "enforce"),
        "c.test": (True, "2099-12-31", False, "enforce"),
    }
    assert "expired" in explaining.explain(policy, "a.test")[1]["why"]


# --- Personas


def _own_group():
    return grp.getgrgid(os.getegid()).gr_name


def _stranger():
    """An account, and a group that it is in and this process isn't."""
    mine = {os.getegid(), *os.getgroups()}
    for account in pwd.getpwall():
        if account.pw_gid not in mine:
            return account.pw_name, grp.getgrgid(account.pw_gid).gr_name
    return pytest.skip("every account shares this process's groups")


def test_why_a_persona_applies(folder):
    user, group = _stranger()
    mail = policies.entry("mail.test", service="email", pins=[policies.PIN])
    policy = policies.write(
        folder,
        policies.entry("other.test", pins=[policies.PIN]),
        personas=[
            persona("everyone"),
            persona("mine", f'user_groups = ["{_own_group()}"];'),
            persona("theirs", f'user_groups = ["{group}"];', domains=mail),
            persona("device", 'device_groups = ["field"];'),
            persona("elsewhere", 'device_groups = ["office"];'),
        ],
        text='device = { id = "d"; groups = ["lab", "field"]; };',
    )
    _, said = explaining.explain(policy, "mail.test")
    found = {p["name"]: (p["applies"], p["why"]) for p in said["personas"]}
    me = pwd.getpwuid(os.geteuid()).pw_name
    assert found == {
        "everyone": (True, "it names no groups: it applies to everyone"),
        "mine": (True, f'{me} is in its group "{_own_group()}"'),
        "theirs": (False, f"neither the device nor {me} is in one of its groups"),
        "device": (True, 'the device is in its group "field"'),
        "elsewhere": (False, f"neither the device nor {me} is in one of its groups"),
    }
    assert [p["version"] for p in said["personas"]] == [7] * 5
    assert [p["file"] for p in said["personas"]] == [
        str(folder / "persona.d" / f"{number}.conf") for number in range(5)
    ]
    assert not said["pinned"] and said["why"] == "only personas that don't apply name it"
    assert said["entries"][0]["persona"] == "theirs" and not said["entries"][0]["applies"]

    _, said = explaining.explain(policy, "--user", user, "mail.test")
    assert said["user"] == user and said["pinned"] and said["service"] == "email"
    assert said["entries"][0]["applies"] and said["entries"][0]["decides"]
    text = explaining.readable(policy, "--user", user, "mail.test")
    assert f'"theirs" applies: {user} is in its group "{group}"' in text


def test_pins_of_several_personas_are_united(folder, certificates):
    pins = [certificates.genuine.pin, certificates.root.pin, certificates.intermediate.pin]
    personas = [
        persona(name, domains=policies.entry("mail.test", service="email", pins=pin))
        for name, pin in zip("abc", ([pins[0]], [pins[0], pins[1]], [pins[2]]))
    ]
    policy = policies.write(
        folder, policies.entry("x.test", pins=[policies.PIN]), personas=personas
    )
    _, said = explaining.explain(policy, "mail.test")
    assert set(said["satisfied_by"]["pins"]) == set(pins)
    assert [entry["decides"] for entry in said["entries"]] == [True] * 3


# --- What would satisfy it


@pytest.mark.parametrize(
    "service, inspected", (("cloud", True), ("enrollment", False), ("custom", False))
)
def test_proxy_certificates(folder, certificates, service, inspected):
    policy = policies.write(
        folder,
        policies.entry(explaining.HOST, service=service, pins=[policies.PIN]),
        personas=[policies.inspection_persona(certificates.attacker_root)],
    )
    _, said = explaining.explain(policy, explaining.HOST)
    assert said["satisfied_by"]["ssl_inspection"] == inspected
    expected = [certificates.attacker_root.pin] if inspected else []
    assert [c["pin"] for c in said["satisfied_by"]["proxy_certificates"]] == expected
    assert ("Locally Added Root" in explaining.readable(policy, explaining.HOST)) == inspected


@product.needs_root
def test_local_proxy(folder, certificates):
    root = certificates.attacker_root
    text = (
        f'local_proxy = {{ trust = "when-configured"; roots = ["{root.certificate_file}"];'
        ' proxy = "http://proxy.test:3128"; };'
    )
    entry = policies.entry(explaining.HOST, pins=[policies.PIN])
    policy = policies.write(folder, entry, text=text)
    _, said = explaining.explain(policy, explaining.HOST)
    proxy = said["satisfied_by"]["local_proxy"]
    assert (proxy["trust"], proxy["configured"]) == ("when-configured", True)
    assert [c["pin"] for c in proxy["roots"]] == [root.pin]


# --- Which policy


def test_policy_of_the_environment(folder):
    policy = policies.write(folder, policies.entry("a.test", pins=[policies.PIN]))
    env = product.command_environment(PINSHIM_CONFIG=f"report:{policy.path}")
    result = product.pinshim("explain", "--json", "a.test", env=env)
    said = json.loads(result.stdout)
    assert said["policy"]["file"] == str(policy.path) and said["policy"]["action"] == "report"


@product.needs_root
def test_installed_policy_and_the_one_before_it(installed):
    place, install = installed
    image = install(policies.TEXT)
    result = product.with_installed(place, "explain", "--json", "pinned.example")
    said = json.loads(result.stdout)
    assert said["pinned"] and said["policy"]["file"] == "/var/lib/pinshim/policy.cdb"
    install(policies.TEXT)
    image.write_bytes(image.read_bytes()[:-1])
    result = product.with_installed(place, "explain", "--json", "pinned.example")
    assert json.loads(result.stdout)["pinned"] and "the one before it is used" in result.stderr
    before = image.with_name(image.name + "~")
    before.write_bytes(before.read_bytes()[:-1])
    result = product.with_installed(place, "explain", "--json", "pinned.example")
    assert (result.returncode, result.stdout) == (1, "") and "is damaged" in result.stderr


def test_image_explains_what_its_text_does(folder, policy_file, image_file):
    texts, images = (
        explaining.explain(path, "pinned.example")[1] for path in (policy_file, image_file)
    )
    for said in (texts, images):
        assert said["policy"].pop("file")
    assert texts == images


@pytest.mark.parametrize(
    "arguments, status, message",
    (
        (["explain"], 2, "one HOST at a time"),
        (["explain", "a", "b"], 2, "one HOST at a time"),
        (["explain", "-c", "{good}", "no host"], 2, "not HOST[:PORT]"),
        (["explain", "-c", "{good}", "a.test:0"], 2, "not HOST[:PORT]"),
        (["explain", "-c", "{good}", "a..test"], 2, "not HOST[:PORT]"),
        (["explain", "-c", "/nowhere", "a.test"], 1, "/nowhere: No such file"),
        (["explain", "-c", "{bad}", "a.test"], 1, "bad.conf:2: error: "),
        (["explain", "-c", "{good}", "-u", "nobody-of-that-name", "a.test"], 1, "no such user"),
    ),
)
def test_errors(policy_file, bad_policy_file, arguments, status, message):
    words = [word.format(good=policy_file, bad=bad_policy_file) for word in arguments]
    result = product.pinshim(*words)
    assert (result.returncode, result.stdout) == (status, "")
    assert message in result.stderr and result.stderr.count("\n") == 1


def test_names_that_a_terminal_would_obey(folder):
    text = persona("bad\\x1b[31m\\nname")
    policy = policies.write(folder, policies.entry("a.test", pins=[policies.PIN]), personas=[text])
    assert '"bad?[31m?name" applies' in explaining.readable(policy, "a.test")
