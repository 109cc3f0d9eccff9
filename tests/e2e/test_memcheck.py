"""The library under valgrind's memcheck, which sees what the sanitizers don't: values nobody has set."""

import attacker
import gnutls_kit
import kit
import nss_kit
import pki
import policies
import product
import pytest
import replacing

pytestmark = pytest.mark.skipif(
    bool(product.sanitizers()), reason="the sanitizers stand in its way"
)

MEMCHECK = (
    "valgrind",
    "--quiet",
    "--error-exitcode=9",
    "--leak-check=full",
    "--errors-for-leak-kinds=definite",
    "--trace-children=no",
)


# Each library's client, and a verification of its own beside the shim's.
CLIENTS = {
    "openssl": (kit.Kit, "instead"),
    "gnutls": (gnutls_kit.Kit, "session-replaces"),
    "nss": (nss_kit.Kit, "none"),
}


@pytest.fixture(params=CLIENTS)
def checked(request, certificates, folder):
    """Runs each client under it, against a server with this identity."""
    make, verification = CLIENTS[request.param]
    client = make(folder, certificates)

    def run(identity, policy, **settings):
        with attacker.Server(identity, attacker.answer_lines) as server:
            done = client(
                server.port,
                policy=policy,
                preload=True,
                prefix=MEMCHECK,
                verify=verification,
                **settings,
            )
            leaked = attacker.leaked(server.finish())
        assert done.status in (0, 1) and done.finished.stderr == "", done
        return done, leaked

    return run


def test_man_in_the_middle(checked, certificates, folder):
    """By every road: the personas', the proxies' and the machine's roots."""
    policy = policies.pinning(
        folder,
        certificates.genuine.pin,
        trust=[certificates.stranger_root.certificate_file],
        personas=[policies.inspection_persona(certificates.stranger_root)],
    )
    done, leaked = checked(certificates.attacker, policies.image_of(policy))
    assert done.line.refused_by_shim and leaked == b""
    assert policy.event()["verdict"] == "pin-mismatch"


@pytest.mark.parametrize("name", (pki.PINNED, pki.UNPINNED))
def test_genuine_server_and_unpinned_host(checked, certificates, folder, name):
    policy = policies.image_of(policies.pinning(folder, certificates.genuine.pin))
    done, leaked = checked(certificates.genuine, policy, sni=name, verify_name=name)
    assert done.line.connected and leaked == b"secret.1\n"


def test_reload(checked, certificates, folder):
    with replacing.policy(folder, certificates, "image") as policy:
        done, leaked = checked(certificates.genuine, policy, count=20)
    assert all(line.connected for line in done.lines) and leaked.count(b"secret.") == 20
    assert set(policy.own_events()) == {"policy-loaded"}
