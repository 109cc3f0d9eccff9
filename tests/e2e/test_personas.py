"""Personas: what several say together, when one arrives, whom it is for, what its switches do."""

import attacker
import clients
import kit
import pki
import policies
import pytest

REFUSED = "CERTIFICATE_VERIFY_FAILED"
SERVICES = ("email", "gateway", "workplace")
SWITCHES = ("off", "all-devices", "specific-groups")


def elsewhere(certificates):
    """An entry that matters to nobody, for the device's own file."""
    return policies.entry("elsewhere.example.test", pins=[certificates.genuine.pin])


def named_by(name, *pins, service="email", **settings):
    """A persona that has an entry for the pinned host, with these pins, or other settings."""
    settings = {"pins": list(pins)} if pins else settings
    return policies.persona(name, policies.entry(pki.PINNED, service=service, **settings))


# --- what they say together


def test_pins_of_several_personas_are_united(client_kit, certificates, folder):
    """And those of the device's own file, where it names the host, too."""
    own = policies.entry(pki.PINNED, pins=[certificates.root.pin])
    policy = policies.write(
        folder,
        own,
        personas=[
            named_by("sales", certificates.genuine.pin),
            named_by("field", certificates.attacker.pin, service="gateway"),
        ],
    )
    for identity in (certificates.genuine, certificates.attacker):
        assert kit.outcome(client_kit, identity, policy) == "connected"
    assert policy.events() == []
    assert kit.outcome(client_kit, certificates.stranger_root.issue(), policy, verify="none") == (
        "refused"
    )
    pins = (certificates.root.pin, certificates.genuine.pin, certificates.attacker.pin)
    assert sorted(policy.event()["expected_pins"]) == sorted(pins)


@pytest.mark.parametrize("order", (1, -1), ids=("exempt-first", "pinned-first"))
def test_pinned_where_any_persona_says_so(client_kit, certificates, folder, order):
    """An exemption is no match for it, whichever is read first."""
    exempt = named_by("guests", pinned=False)
    pinned = named_by("sales", certificates.genuine.pin)
    alone = policies.write(folder / "alone", elsewhere(certificates), personas=[exempt])
    assert kit.outcome(client_kit, certificates.attacker, alone) == "connected"
    both = policies.write(
        folder / "both", elsewhere(certificates), personas=[exempt, pinned][::order]
    )
    assert kit.outcome(client_kit, certificates.genuine, both) == "connected"
    assert kit.outcome(client_kit, certificates.attacker, both) == "refused"
    assert both.event()["verdict"] == "pin-mismatch"


def test_persona_that_does_not_apply_adds_nothing(client_kit, certificates, folder):
    """Neither its pins nor its proxy, beside one that applies."""
    other = policies.persona(
        "phones",
        policies.entry(pki.PINNED, service="email", pins=[certificates.attacker.pin]),
        inspection=True,
        roots=[certificates.attacker_root],
        device_groups=["phones"],
    )
    ours = named_by("sales", certificates.genuine.pin)
    policy = policies.write(folder, elsewhere(certificates), personas=[other, ours])
    assert kit.outcome(client_kit, certificates.genuine, policy) == "connected"
    assert kit.outcome(client_kit, certificates.attacker, policy) == "refused"
    assert policy.event()["expected_pins"] == [certificates.genuine.pin]


# --- what its switches do


@pytest.mark.parametrize("switch", SWITCHES)
@pytest.mark.parametrize("service", SERVICES)
def test_entry_of_a_persona_counts_irrespective_of_the_switch(
    client_kit, certificates, folder, service, switch
):
    persona = named_by("p", certificates.genuine.pin, service=service)
    policy = policies.write(folder, elsewhere(certificates), switch=switch, personas=[persona])
    assert kit.outcome(client_kit, certificates.genuine, policy) == "connected"
    assert kit.outcome(client_kit, certificates.attacker, policy) == "refused"
    assert policy.event()["service"] == service


@pytest.mark.parametrize("inspection", (False, True), ids=("uninspected", "inspected"))
@pytest.mark.parametrize("validate", (False, True), ids=("unvalidated", "validated"))
def test_validation_and_inspection_are_decoupled(
    client_kit, certificates, folder, validate, inspection
):
    """Whether the cloud is pinned for specific groups is one thing, whether a proxy may read it
    another. An entry of the persona's own needs no validation to be pinned."""
    email = policies.entry(pki.UNPINNED, service="email", pins=[certificates.genuine.pin])
    persona = policies.persona(
        "p", email, validate=validate, inspection=inspection, roots=[certificates.attacker_root]
    )
    cloud = policies.entry(pki.PINNED, pins=[certificates.genuine.pin])
    policy = policies.write(folder, cloud, switch="specific-groups", personas=[persona])
    expected = {
        pki.PINNED: "connected" if inspection or not validate else "refused",
        pki.UNPINNED: "connected" if inspection else "refused",
    }
    for host, result in expected.items():
        names = {"sni": host, "verify_name": host}
        assert kit.outcome(client_kit, certificates.genuine, policy, **names) == "connected"
        assert kit.outcome(client_kit, certificates.attacker, policy, **names) == result
    verdict = "proxy-match" if inspection else "pin-mismatch"
    told = [("cloud", verdict), ("email", verdict)] if validate else [("email", verdict)]
    assert [(event["service"], event["verdict"]) for event in policy.events()] == told


# --- when it arrives


def arriving(certificates, kind):
    """The persona that makes the host pinned: its text."""
    if kind == "validation":
        return policies.persona("late", validate=True)
    return named_by("late", certificates.genuine.pin)


@pytest.mark.parametrize("form", ("text", "image"))
@pytest.mark.parametrize("kind", ("validation", "entry"))
def test_host_is_pinned_once_its_persona_has_arrived(certificates, folder, kind, form):
    """Not before; and no longer once the persona has gone."""
    cloud = policies.entry(pki.PINNED, pins=[certificates.genuine.pin])
    entries = [cloud if kind == "validation" else elsewhere(certificates)]
    policy = policies.write(folder, *entries, switch="specific-groups")
    persona = folder / "persona.d" / "late.conf"
    path = policy.path if form == "text" else policies.image_of(policy)

    def settle():
        if form == "image":
            policies.image_of(policy)

    with attacker.Server(certificates.attacker) as server:
        with clients.OnRequest(folder, certificates, server.port, path) as client:
            assert client.connect() == client.connect() == "connected"
            persona.parent.mkdir()
            policies.replace(persona, arriving(certificates, kind).encode())
            settle()
            client.connect_until(lambda outcome: outcome == REFUSED)
            received = server.received()
            assert client.connect() == REFUSED and server.received() == received
            persona.unlink()
            settle()
            client.connect_until(lambda outcome: outcome == "connected")
    assert {event["verdict"] for event in policy.events()} == {"pin-mismatch"}


def test_genuine_server_is_reached_before_and_after_it(certificates, folder):
    cloud = policies.entry(pki.PINNED, pins=[certificates.genuine.pin])
    policy = policies.write(folder, cloud, switch="specific-groups")
    persona = folder / "persona.d" / "late.conf"

    def loaded(outcome):
        assert outcome == "connected"
        return "policy-loaded" in policy.own_events()

    with attacker.Server(certificates.genuine) as server:
        with clients.OnRequest(folder, certificates, server.port, policy.path) as client:
            assert client.connect() == "connected"
            persona.parent.mkdir()
            policies.replace(persona, policies.persona("late", validate=True).encode())
            client.connect_until(loaded)
    assert policy.events() == []
