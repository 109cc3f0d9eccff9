"""GnuTLS: which names a client means, and when it says so."""

import attacker
import gnutls_kit
import pki
import policies
import pytest


@pytest.fixture
def client(certificates, folder):
    """Runs the C client."""
    return gnutls_kit.Kit(folder, certificates)


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


@gnutls_kit.every_version
@pytest.mark.parametrize("drive", ("descriptor", "functions"))
@pytest.mark.parametrize("options", ((), ("--nonblocking",)))
def test_name_that_is_asked_for_once_connected(client, certificates, policy, drive, options, tls):
    """Sent is another: the handshake passes, and what is left of it is of no use to anybody."""
    settings = {"sni": pki.UNPINNED, "verify": "after", "drive": drive, "tls": tls}
    run, connections = gnutls_kit.connect(client, certificates.attacker, *options, **settings)
    gnutls_kit.assert_connected(run, connections)
    run, connections = gnutls_kit.connect(
        client, certificates.attacker, *options, policy=policy, **settings
    )
    assert run.status == 1 and attacker.leaked(connections) == b"", run
    assert policy.event()["host"] == pki.PINNED
    gnutls_kit.assert_connected(
        *gnutls_kit.connect(client, certificates.genuine, *options, policy=policy, **settings)
    )


@gnutls_kit.every_version
@pytest.mark.parametrize("pinned", (False, True), ids=("unpinned", "pinned"))
@pytest.mark.parametrize("then", (pki.PINNED, pki.UNPINNED))
@pytest.mark.parametrize("verify", ("lent-name", "lent-data"))
def test_what_is_to_be_verified_lasts_for_the_handshake(
    client, certificates, policy, verify, then, pinned, tls
):
    """The library keeps pointers to it, and reads it in handshakes alone; so a later verification reads none of it."""
    name = pki.PINNED if pinned else pki.UNPINNED
    settings = {
        "sni": None,
        "verify_name": name,
        "verify": verify,
        "then_verify_name": then,
        "tls": tls,
    }
    for under in (None, policy):
        gnutls_kit.assert_connected(
            *gnutls_kit.connect(client, certificates.genuine, policy=under, **settings)
        )
    assert policy.events() == []


@gnutls_kit.every_version
def test_name_in_unicode_is_the_one_that_is_sent(client, certificates, folder, tls):
    name, sent = "bücher.maas360.test", "xn--bcher-kva.maas360.test"
    genuine = certificates.intermediate.issue((sent,), key=certificates.genuine.key)
    policy = policies.pinning(folder, genuine.pin, name=sent)
    forged = certificates.attacker_root.issue((sent,))
    names = {"sni": name, "verify_name": name, "tls": tls}
    gnutls_kit.assert_connected(*gnutls_kit.connect(client, forged, **names))
    gnutls_kit.assert_refused(*gnutls_kit.connect(client, forged, policy=policy, **names))
    gnutls_kit.assert_connected(*gnutls_kit.connect(client, genuine, policy=policy, **names))
    assert policy.event()["host"] == sent


@gnutls_kit.every_version
@pytest.mark.parametrize("names", ({}, {"verify_name": "127.0.0.1"}), ids=("none", "address"))
def test_peer_without_a_name(client, certificates, folder, names, tls):
    policy = policies.pinning(folder, certificates.genuine.pin, name="127.0.0.1")
    names = {"sni": None, "verify_name": None, "verify": "none", "tls": tls, **names}
    gnutls_kit.assert_connected(*gnutls_kit.connect(client, certificates.attacker, **names))
    gnutls_kit.assert_refused(
        *gnutls_kit.connect(client, certificates.attacker, policy=policy, **names)
    )
    gnutls_kit.assert_connected(
        *gnutls_kit.connect(client, certificates.genuine, policy=policy, **names)
    )


@gnutls_kit.every_version
@pytest.mark.parametrize("drive", ("descriptor", "functions"))
def test_peer_that_only_its_leaf_names(client, certificates, policy, drive, tls):
    names = {"sni": None, "verify_name": None, "verify": "none", "tls": tls, "drive": drive}
    gnutls_kit.assert_refused(
        *gnutls_kit.connect(client, certificates.attacker, policy=policy, **names)
    )
    gnutls_kit.assert_connected(
        *gnutls_kit.connect(client, certificates.genuine, policy=policy, **names)
    )
