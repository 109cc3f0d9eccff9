"""A program that is interrupted each millisecond: in handshakes, while a policy is read, while events are told."""

import busy
import pki
import policies
import pytest
import replacing

COUNT = 25

every_way = pytest.mark.parametrize("way", ("alarm", "restart"))


@every_way
@pytest.mark.parametrize("kind", ("text", "image"))
def test_handshakes_and_events(folder, certificates, way, kind):
    policy = policies.pinning(folder, certificates.genuine.pin)
    path = policies.image_of(policy) if kind == "image" else policy.path
    busy.all_three(folder, certificates, path, way, COUNT)
    events = policy.events()
    assert len(events) == COUNT and {event["host"] for event in events} == {pki.PINNED}


@every_way
@pytest.mark.parametrize("kind", ("text", "image"))
def test_reload(folder, certificates, way, kind):
    with replacing.policy(folder, certificates, kind) as policy:
        busy.all_three(folder, certificates, policy.path, way, 2 * COUNT)
    assert set(policy.own_events()) == {"policy-loaded"}


@every_way
def test_authority_that_the_library_looks_for_itself(folder, certificates, way):
    """The pin is met by no path of the program's, and the machine's roots are read for one."""
    policy = policies.pinning(
        folder, certificates.root.pin, trust=[certificates.root.certificate_file]
    )
    busy.all_three(folder, certificates, policy, way, 5)
