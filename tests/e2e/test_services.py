"""Service and switch decide whether an entry is pinned, and whether a proxy may inspect."""

import attacker
import pki
import policies
import pytest


def outcome(client_kit, identity, policy):
    """ "connected" or "refused", with the bytes that belong to it."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        run = client_kit(server.port, policy=policy)
        connections = server.finish()
    if run.line.refused_by_shim:
        assert attacker.leaked(connections) == b""
        assert connections[0].alert == attacker.BAD_CERTIFICATE
        return "refused"
    assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run
    return "connected"


@pytest.mark.parametrize(
    "switch, service, validate, expected",
    (
        ("off", "enrollment", False, "refused"),
        ("off", "cloud", True, "connected"),
        ("off", "custom", False, "refused"),
        ("all-devices", "enrollment", False, "refused"),
        ("all-devices", "cloud", False, "refused"),
        ("specific-groups", "cloud", False, "connected"),
        ("specific-groups", "cloud", True, "refused"),
        ("specific-groups", "enrollment", False, "refused"),
    ),
)
def test_switch(client_kit, certificates, folder, switch, service, validate, expected):
    personas = []
    if validate:
        personas = [
            'persona = { name = "p"; version = 1;'
            " workplace = { security = { validate_server_certificate = true; }; }; };\n"
        ]
    entry = policies.entry(pki.PINNED, service=service, pins=[certificates.genuine.pin])
    policy = policies.write(folder, entry, switch=switch, personas=personas)
    assert outcome(client_kit, certificates.genuine, policy) == "connected"
    assert policy.events() == []
    assert outcome(client_kit, certificates.attacker, policy) == expected
    assert [e["service"] for e in policy.events()] == ([service] if expected == "refused" else [])


@pytest.mark.parametrize(
    "service, allow, expected",
    (
        ("enrollment", None, "refused"),
        ("cloud", None, "connected"),
        ("cloud", False, "refused"),
        ("custom", None, "refused"),
        ("custom", True, "connected"),
    ),
)
def test_proxy(client_kit, certificates, folder, service, allow, expected):
    settings = {} if allow is None else {"allow_ssl_inspection": allow}
    entry = policies.entry(pki.PINNED, service=service, pins=[certificates.genuine.pin], **settings)
    persona = policies.inspection_persona(certificates.attacker_root)
    policy = policies.write(folder, entry, personas=[persona])
    assert outcome(client_kit, certificates.genuine, policy) == "connected"
    assert outcome(client_kit, certificates.attacker, policy) == expected
    event = "proxy-used" if expected == "connected" else "untrusted-connection"
    assert policy.event()["event"] == event


@pytest.mark.parametrize("on_expiry, expected", (("open", "connected"), ("enforce", "refused")))
def test_expired_pins(client_kit, certificates, folder, on_expiry, expected):
    entry = policies.entry(
        pki.PINNED, pins=[certificates.genuine.pin], expires="2020-01-01", on_expiry=on_expiry
    )
    policy = policies.write(folder, entry)
    assert outcome(client_kit, certificates.attacker, policy) == expected
    event = policy.event()["event"]
    assert event == ("pins-expired" if expected == "connected" else "untrusted-connection")


@pytest.mark.parametrize("groups, expected", (("field", "connected"), ("office", "refused")))
def test_persona_of_a_device_group(client_kit, certificates, folder, groups, expected):
    """Only a persona that applies to this device turns inspection on."""
    persona = policies.inspection_persona(certificates.attacker_root).replace(
        "version = 1;", 'version = 1; device_groups = ["field"];'
    )
    policy = policies.pinning(
        folder,
        certificates.genuine.pin,
        personas=[persona],
        text=f'device = {{ id = "d"; groups = ["{groups}"]; }};',
    )
    assert outcome(client_kit, certificates.attacker, policy) == expected


def test_entry_of_a_persona(client_kit, certificates, folder):
    """A gateway is pinned by the persona that names it, whatever the switch says."""
    pin = certificates.genuine.pin
    persona = (
        'persona = { name = "p"; version = 1; domains = (\n'
        + policies.entry(pki.PINNED, service="gateway", pins=[pin])
        + "\n); };\n"
    )
    other = policies.entry("elsewhere.example.test", pins=[pin])
    policy = policies.write(folder, other, switch="off", personas=[persona])
    assert outcome(client_kit, certificates.genuine, policy) == "connected"
    assert outcome(client_kit, certificates.attacker, policy) == "refused"
    assert policy.event()["service"] == "gateway"


def test_two_pins_are_as_good_as_one(client_kit, certificates, folder):
    """The spare key of RFC 7469, and every spelling of a pin."""
    pin = certificates.genuine.pin
    spare = certificates.stranger_root.pin
    for number, text in enumerate(
        (pin, pin.replace("sha256//", "sha256/"), pin.replace("sha256//", 'pin-sha256="') + '"')
    ):
        policy = policies.pinning(folder / str(number), spare, text)
        assert outcome(client_kit, certificates.genuine, policy) == "connected"
        assert outcome(client_kit, certificates.attacker, policy) == "refused"
        assert policy.event()["expected_pins"] == [spare, pin]


def test_certificate_files_as_pins(client_kit, certificates, folder):
    files = [certificates.stranger_root.certificate_file, certificates.genuine.certificate_file]
    policy = policies.write(folder, policies.entry(pki.PINNED, certificates=files))
    assert outcome(client_kit, certificates.genuine, policy) == "connected"
    assert outcome(client_kit, certificates.attacker, policy) == "refused"
