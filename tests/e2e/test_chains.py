"""A pinned authority proves a host only by a path that verifies, for that host, now."""

import attacker
import pki
import policies
import pytest

every_version = pytest.mark.parametrize("tls", ("1.2", "1.3"))
LAX = ("none", "callback", "callback-forgets", "none-callback", "instead", "instead-overrides")
lax = pytest.mark.parametrize("verify", LAX)
lax_or_own_store = pytest.mark.parametrize(
    "verify", (*LAX, "store")
)  # whose paths must still end in a trusted root


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine root, which the shim trusts, too."""
    return policies.pinning(
        folder, certificates.root.pin, trust=[certificates.root.certificate_file]
    )


def refuse(client_kit, identity, policy, verdict, **settings):
    """Without the shim the secret leaks; with it nothing does."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        run = client_kit(server.port, **settings)
        assert run.status == 0, run
        assert attacker.leaked(server.finish()) == b"secret.1\n"
    with attacker.Server(identity, attacker.answer_lines) as server:
        run = client_kit(server.port, policy=policy, **settings)
        connections = server.finish()
    assert run.line.refused_by_shim, run
    assert attacker.leaked(connections) == b""
    assert connections[0].alert == attacker.BAD_CERTIFICATE
    event = policy.event()
    assert event["verdict"] == verdict
    assert event["served_chain"] == identity.pins[:16]


@every_version
@lax_or_own_store
def test_genuine_path_is_proof_for_a_program_that_checks_nothing(
    client_kit, certificates, policy, verify, tls
):
    with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
        run = client_kit(server.port, policy=policy, verify=verify, verify_name=None, tls=tls)
        assert run.status == 0, run
        assert attacker.leaked(server.finish()) == b"secret.1\n"
    assert policy.events() == []


@every_version
@pytest.mark.parametrize(
    "verify, verdict",
    (("instead", "pin-mismatch"), ("instead-none", "pin-mismatch"), ("store", "pin-unverified")),
)  # the last has a path, with the root in it
def test_path_that_nobody_can_verify_is_no_proof(
    client_kit, certificates, folder, verify, verdict, tls
):
    """The genuine chain, but the program verified nothing and the shim was given no root."""
    policy = policies.pinning(folder, certificates.root.pin)
    refuse(client_kit, certificates.genuine, policy, verdict, verify=verify, tls=tls)


@every_version
@lax_or_own_store
def test_pinned_authority_merely_sent(client_kit, certificates, policy, verify, tls):
    identity = certificates.attacker.serving(
        certificates.intermediate.certificate, certificates.root.certificate
    )
    refuse(client_kit, identity, policy, "pin-unverified", verify=verify, tls=tls)


@every_version
@pytest.mark.parametrize(
    "verify", ("none", "peer", "callback", "instead", "instead-overrides", "store")
)
def test_pinned_authority_for_another_host(client_kit, certificates, policy, verify, tls):
    """Spinner: all is valid, but for the attacker's own name, and the program ignores names."""
    identity = certificates.intermediate.issue(("attacker.example.test",))
    identity = identity.serving(
        certificates.intermediate.certificate, certificates.root.certificate
    )
    refuse(client_kit, identity, policy, "pin-unverified", verify=verify, verify_name=None, tls=tls)


@every_version
@lax_or_own_store
@pytest.mark.parametrize("when", ("expired", "not-yet"))
def test_path_that_is_not_valid_now(client_kit, certificates, policy, verify, when, tls):
    span = (-2 * pki.DAY, -pki.DAY) if when == "expired" else (pki.DAY, 2 * pki.DAY)
    identity = certificates.intermediate.issue(valid=span)
    identity = identity.serving(
        certificates.intermediate.certificate, certificates.root.certificate
    )
    refuse(client_kit, identity, policy, "pin-unverified", verify=verify, tls=tls)


@every_version
@lax
def test_leaf_that_plays_authority(client_kit, certificates, policy, verify, tls):
    """The attacker's own certificate, bought from the pinned authority, has signed another."""
    bought = certificates.intermediate.issue(("attacker.example.test",))
    identity = bought.issue()
    identity = identity.serving(
        bought.certificate, certificates.intermediate.certificate, certificates.root.certificate
    )
    refuse(client_kit, identity, policy, "pin-unverified", verify=verify, tls=tls)


@every_version
@lax
def test_root_of_the_same_name(client_kit, certificates, policy, verify, tls):
    impostor = pki.new_root(certificates.folder, "Genuine Root")
    identity = impostor.issue()
    identity = identity.serving(impostor.certificate)
    refuse(client_kit, identity, policy, "pin-mismatch", verify=verify, tls=tls)


@every_version
@pytest.mark.parametrize("verify", ("none", "peer", "instead"))
@pytest.mark.parametrize("order", ("genuine-first", "cross-first"))
def test_cross_signed_authority(client_kit, certificates, policy, verify, order, tls):
    """Two paths, and the program's may not be the pinned one: one that holds the pin is enough."""
    genuine, intermediate = certificates.genuine, certificates.intermediate
    cross = certificates.attacker_root.issue(
        (), authority=True, key=intermediate.key, common_name="Genuine Intermediate"
    ).certificate
    chain = [intermediate.certificate, cross]
    identity = genuine.serving(*(chain if order == "genuine-first" else reversed(chain)))
    with attacker.Server(identity, attacker.answer_lines) as server:
        run = client_kit(server.port, policy=policy, verify=verify, tls=tls)
        assert run.status == 0, run
        assert attacker.leaked(server.finish()) == b"secret.1\n"


@every_version
@pytest.mark.parametrize("verify", ("none", "peer"))
def test_chain_of_100_certificates(client_kit, certificates, folder, verify, tls):
    """Judged by its leaf alone, and by its path; what else was sent is beside the point."""
    crowd = [
        certificates.stranger_root.issue((f"{i}.example.test",)).certificate for i in range(98)
    ]
    genuine = certificates.genuine.serving(certificates.intermediate.certificate, *crowd)
    for pin in (certificates.genuine.pin, certificates.root.pin):
        policy = policies.pinning(
            folder / pin[-6:].replace("/", "_"), pin, trust=[certificates.root.certificate_file]
        )
        with attacker.Server(genuine, attacker.answer_lines) as server:
            run = client_kit(server.port, policy=policy, verify=verify, tls=tls)
            assert run.status == 0 and run.line["served"] == "100", run
            assert attacker.leaked(server.finish()) == b"secret.1\n"
        refuse(
            client_kit,
            certificates.attacker.serving(*crowd, crowd[0]),
            policy,
            "pin-mismatch",
            verify=verify,
            tls=tls,
        )
