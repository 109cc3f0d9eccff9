"""Each allocation of the library fails, once or from there on: pins hold, other hosts notice nothing."""

import attacker
import faults
import gnutls_kit
import kit
import nss_kit
import pki
import policies
import processes
import product
import pytest

# Two pinned names: more than a record has room for.
PINNED = {"sni": pki.PINNED, "verify_name": "eu.portal.maas360.test"}
UNPINNED = {"sni": pki.UNPINNED, "verify_name": pki.UNPINNED}


@pytest.fixture
def policy(folder, certificates):
    """Pins both names; a persona depends on the user's groups."""
    entries = [policies.entry(name, pins=[certificates.genuine.pin]) for name in PINNED.values()]
    personas = [policies.persona("staff", validate=True, user_groups=["root"])]
    return policies.image_of(policies.write(folder, *entries, personas=personas))


class Trial:
    """One way to connect, with a failing allocation."""

    def __init__(self, client_kit, folder, policy, sticks):
        self._kit, self._policy, self.sticks = client_kit, policy, sticks
        self._faults = faults.Faults(folder, "memory", sticks=sticks)

    def each(self, identity, *options, **settings):
        """[(point, outcome)]: whatever fails, no byte leaves but on a connection that succeeds."""

        def run(variables):
            with attacker.Server(identity, attacker.answer_lines) as server:
                done = self._kit(server.port, *options, extra_environment=variables, **settings)
                connections = server.finish()
            assert done.status in (0, 1), done
            connected = [line["connection"] for line in done.lines if line.connected]
            sent = b"".join(b"secret.%s\n" % number.encode() for number in connected)
            assert attacker.leaked(connections) == sent, done
            return [line.connected for line in done.lines]

        return self._faults.each(self._policy, run)

    def each_psk(self, server, **settings):
        """The same before a server without a certificate."""

        def run(variables):
            return self._kit(server.port, psk=kit.PSK, extra_environment=variables, **settings)

        return self._faults.each(self._policy, run)


@pytest.fixture(params=(False, True), ids=("once", "from-there-on"))
def trial(client_kit, folder, policy, request):
    """Fails one, or all from one on."""
    return Trial(client_kit, folder, policy, request.param)


@pytest.mark.parametrize("info", ("none", "early"))
@pytest.mark.parametrize("verify", ("none", "peer", "instead"))
def test_man_in_the_middle_is_refused(trial, certificates, verify, info):
    ways = {"verify": verify, "info": info, **PINNED}
    found = trial.each(certificates.attacker, "--ignore-errors", **ways)
    functions = faults.told(found)
    assert {"ssl_record_new", "ctx_record_new", "names_keep"} <= functions
    assert ("program_verification_of" in functions) == (verify == "instead")
    assert all(outcome == [False] for _, outcome in found)


@pytest.mark.parametrize("info", ("none", "early"))
@pytest.mark.parametrize("verify", ("none", "peer", "instead"))
def test_unpinned_host_is_reached(trial, certificates, verify, info):
    found = trial.each(certificates.attacker, verify=verify, info=info, **UNPINNED)
    faults.told(found)
    assert all(outcome == [True] for _, outcome in found)


@pytest.mark.parametrize("verify", ("none", "peer", "instead"))
def test_genuine_server_is_reached_or_refused(trial, certificates, verify):
    found = trial.each(certificates.genuine, verify=verify, **PINNED)
    faults.told(found)
    assert trial.sticks or any(outcome == [True] for _, outcome in found)


@pytest.mark.parametrize("tls", ("1.2", "1.3"))
@pytest.mark.parametrize("resume", ("memory", "dup", "copy"))
def test_session_of_an_unpinned_name_is_no_proof(trial, certificates, resume, tls):
    names = {**UNPINNED, **{f"then_{name}": value for name, value in PINNED.items()}}
    found = trial.each(
        certificates.attacker, "--ignore-errors", count=2, resume=resume, tls=tls, **names
    )
    functions = [point.function for point, _ in found]
    faults.told(found)
    assert functions.count("ssl_record_new") >= 2
    assert not any(outcome[1] for _, outcome in found)


@pytest.mark.parametrize("drive", ("connect", "write", "bio_write"))
def test_psk_shows_no_certificate(trial, folder, drive):
    with kit.server(folder, psk=kit.PSK) as server:
        found = trial.each_psk(server, drive=drive, **PINNED)
        faults.told(found)
        count = len(found) + 1  # the last run had nothing to fail
        assert server.leaked(count) == 0
    assert not any(run.line.connected for _, run in found)


@pytest.fixture(params=(False, True), ids=("once", "from-there-on"))
def gnutls_trial(certificates, folder, policy, request):
    """The same for GnuTLS. A session for which there is no memory isn't made."""
    return Trial(gnutls_kit.Kit(folder, certificates), folder, policy, request.param)


gnutls_ways = pytest.mark.parametrize(
    "verify", ("none", "cert", "session-accepts", "credentials", "credentials-accepts", "after")
)


@gnutls_ways
def test_gnutls_man_in_the_middle_is_refused(gnutls_trial, certificates, verify):
    found = gnutls_trial.each(certificates.attacker, "--ignore-errors", verify=verify, **PINNED)
    functions = faults.told(found)
    assert "session_record_new" in functions
    assert ("names_keep" in functions) == (verify == "cert")  # else there is one name at the start
    assert ("credentials_note_verify" in functions) == verify.startswith("credentials")
    assert all(outcome in ([False], []) for _, outcome in found)


@gnutls_ways
def test_gnutls_unpinned_host_is_reached(gnutls_trial, certificates, verify):
    found = gnutls_trial.each(certificates.attacker, verify=verify, **UNPINNED)
    faults.told(found)
    assert all(
        outcome == ([] if point.function == "session_record_new" else [True])
        for point, outcome in found
    )


@gnutls_ways
def test_gnutls_failure_of_the_program_s_own_verification_stands(
    gnutls_trial, certificates, verify
):
    """Of a certificate of no authority that it trusts."""
    stranger = certificates.stranger_root.issue()
    found = gnutls_trial.each(stranger, verify=verify, **UNPINNED)
    lax = verify in ("none", "session-accepts", "credentials-accepts")
    assert all(outcome in ([lax], []) for _, outcome in found)


@pytest.mark.parametrize("options", ((), ("--offer-first",)))
@pytest.mark.parametrize("tls", ("1.2", "1.3"))
def test_gnutls_session_of_an_unpinned_name_is_no_proof(gnutls_trial, certificates, options, tls):
    names = {**UNPINNED, **{f"then_{name}": value for name, value in PINNED.items()}}
    found = gnutls_trial.each(
        certificates.attacker,
        *("--ignore-errors", *options),
        **{"count": 2, "resume": "memory", "tls": tls, **names},
    )
    assert {"session_record_new", "names_keep"} <= faults.told(found)
    assert not any(outcome[1:] == [True] for _, outcome in found)


@pytest.fixture(params=(False, True), ids=("once", "from-there-on"))
def nss_trial(certificates, folder, policy, request):
    """The same for NSS. A socket for which there is no memory isn't made."""
    return Trial(nss_kit.Kit(folder, certificates), folder, policy, request.param)


nss_ways = pytest.mark.parametrize("verify", ("library", "names", "none", "override", "later"))


@nss_ways
def test_nss_man_in_the_middle_is_refused(nss_trial, certificates, verify):
    found = nss_trial.each(certificates.attacker, "--ignore-errors", verify=verify, **PINNED)
    faults.told(found)
    assert all(outcome in ([False], []) for _, outcome in found)


@nss_ways
def test_nss_unpinned_host_is_reached(nss_trial, certificates, verify):
    found = nss_trial.each(certificates.attacker, verify=verify, **UNPINNED)
    faults.told(found)
    assert all(outcome in ([True], []) for _, outcome in found)


@pytest.mark.skipif(bool(product.sanitizers()), reason="a sanitizer wants terabytes of addresses")
def test_image_that_finds_no_room_is_not_replaced_by_the_one_before(certificates, folder):
    """Whoever starts a program limits its memory: that must not bring back what was replaced."""
    pins = [certificates.genuine.pin]
    image = policies.image_of(policies.pinning(folder, *pins, name="other.test"))
    names = (pki.PINNED, *(f"host{number}.test" for number in range(200_000)))
    policies.image_of(policies.write(folder, *(policies.entry(name, pins=pins) for name in names)))
    limit = f'ulimit -v {image.stat().st_size // 1024}; exec "$@"'
    client = (kit.KIT, "--sni", pki.PINNED, "--verify", "none", "--port")
    env = product.preloaded(folder, image)
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        done = processes.run(["sh", "-c", limit, "sh", *client, server.port], env=env)
        leaked = attacker.leaked(server.finish())
    assert leaked == b"" and kit.Line(done.stdout).refused_by_shim, done
