"""Threads with little stack: what the library needs on its longest ways."""

import busy
import policies
import product
import pytest
import replacing
import test_desktop

SMALL = 64 * 1024
# What the longest ways took when this was written, and some: 16.5 KB for a violation, of which OpenSSL's own
# handshake needs 12.3; 18 KB and 22 KB where an image and a text are read in between.
BOUND = {"image": 22 * 1024, "text": 30 * 1024}

pytestmark = pytest.mark.skipif(
    bool(product.sanitizers()), reason="instrumented code needs other amounts of stack"
)


def roads(certificates):
    """A policy by which a violation goes through every stage."""
    return {
        "trust": [certificates.stranger_root.certificate_file],
        "personas": [policies.inspection_persona(certificates.stranger_root)],
        "text": 'local_proxy = { trust = "when-configured"; proxy = "auto"; '
        f'roots = ["{certificates.stranger_root.certificate_file}"]; }};',
    }


@pytest.mark.parametrize("kind", ("text", "image"))
def test_every_stage_of_a_verdict(folder, certificates, kind):
    policy = policies.pinning(folder, certificates.genuine.pin, **roads(certificates))
    path = policies.image_of(policy) if kind == "image" else policy.path
    ran = busy.all_three(folder, certificates, path, f"stack={SMALL}", 5)
    print([said["stack"] for said in ran], "bytes")
    assert max(said["stack"] for said in ran) < BOUND["image"]
    assert len(policy.events()) == 5


@pytest.mark.parametrize("kind", ("text", "image"))
def test_reload(folder, certificates, kind):
    with replacing.policy(folder, certificates, kind) as policy:
        ran = busy.all_three(folder, certificates, policy.path, f"stack={SMALL}", 60)
    print([said["stack"] for said in ran], "bytes")
    assert max(said["stack"] for said in ran) < BOUND[kind]
    assert set(policy.own_events()) == {"policy-loaded"}


@pytest.mark.skipif(not test_desktop.namespaces_work(), reason="needs a mount namespace (root)")
def test_notification(folder, certificates):
    """Over a session's bus."""
    runtime = test_desktop.RUNTIME
    policy = policies.pinning(folder / "p", certificates.genuine.pin, desktop=True)
    daemon = f"dbus-daemon --session --nofork --print-address --address=unix:path={runtime}/bus"
    with test_desktop.session(folder, f"exec {daemon}") as bus:
        bus.holder.wait_for_match("unix:path=")
        said = busy.run(
            folder,
            certificates,
            certificates.attacker,
            policy,
            f"stack={SMALL}",
            2,
            prefix=bus.inside(),
        )
    print(said["stack"], "bytes")
    assert said["connected"] == 0 and said["stack"] < BOUND["image"]
