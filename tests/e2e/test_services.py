"""Service and switch decide whether an entry is pinned, and whether a proxy may inspect."""

import kit
import pki
import policies
import pytest


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
        personas = [policies.persona("p", validate=True)]
    entry = policies.entry(pki.PINNED, service=service, pins=[certificates.genuine.pin])
    policy = policies.write(folder, entry, switch=switch, personas=personas)
    assert kit.outcome(client_kit, certificates.genuine, policy) == "connected"
    assert policy.events() == []
    assert kit.outcome(client_kit, certificates.attacker, policy) == expected
    assert [e["service"] for e in policy.events()] == ([service] if expected == "refused" else [])


def test_cloud_is_pinned_by_default(client_kit, certificates, folder):
    """Without a word about the switch, the service or a persona."""
    policy = policies.pinning(folder, certificates.genuine.pin)
    text = policy.path.read_text()
    assert "ssl_certificate_pinning" not in text and "service =" not in text
    assert kit.outcome(client_kit, certificates.genuine, policy) == "connected"
    assert kit.outcome(client_kit, certificates.attacker, policy) == "refused"
    assert policy.event()["service"] == "cloud"


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
    assert kit.outcome(client_kit, certificates.genuine, policy) == "connected"
    assert kit.outcome(client_kit, certificates.attacker, policy) == expected
    event = "proxy-used" if expected == "connected" else "untrusted-connection"
    assert policy.event()["event"] == event


@pytest.mark.parametrize("on_expiry, expected", (("open", "connected"), ("enforce", "refused")))
def test_expired_pins(client_kit, certificates, folder, on_expiry, expected):
    entry = policies.entry(
        pki.PINNED, pins=[certificates.genuine.pin], expires="2020-01-01", on_expiry=on_expiry
    )
    policy = policies.write(folder, entry)
    assert kit.outcome(client_kit, certificates.attacker, policy) == expected
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
    assert kit.outcome(client_kit, certificates.attacker, policy) == expected


def test_two_pins_are_as_good_as_one(client_kit, certificates, folder):
    """The spare key of RFC 7469, and every spelling of a pin."""
    pin = certificates.genuine.pin
    spare = certificates.stranger_root.pin
    for number, text in enumerate(
        (pin, pin.replace("sha256//", "sha256/"), pin.replace("sha256//", 'pin-sha256="') + '"')
    ):
        policy = policies.pinning(folder / str(number), spare, text)
        assert kit.outcome(client_kit, certificates.genuine, policy) == "connected"
        assert kit.outcome(client_kit, certificates.attacker, policy) == "refused"
        assert policy.event()["expected_pins"] == [spare, pin]


def test_certificate_files_as_pins(client_kit, certificates, folder):
    files = [certificates.stranger_root.certificate_file, certificates.genuine.certificate_file]
    policy = policies.write(folder, policies.entry(pki.PINNED, certificates=files))
    assert kit.outcome(client_kit, certificates.genuine, policy) == "connected"
    assert kit.outcome(client_kit, certificates.attacker, policy) == "refused"


def test_public_key_is_what_counts(client_kit, certificates, folder):
    """Not the certificate: that may be another one with the same key, by another authority even."""
    files = [certificates.genuine.certificate_file]
    policy = policies.write(folder, policies.entry(pki.PINNED, certificates=files))
    renewed = certificates.attacker_root.issue(key=certificates.genuine.key)
    assert kit.outcome(client_kit, renewed, policy) == "connected"
    assert kit.outcome(client_kit, certificates.intermediate.issue(), policy) == "refused"
    assert policy.event()["verdict"] == "pin-mismatch"
