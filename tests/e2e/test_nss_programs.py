"""NSS's load generator and Firefox, which the tests of all other programs have no form for."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess

import attacker
import clients
import nss_clients
import nss_kit
import pki
import policies
import processes
import product
import pytest

FIREFOX = shutil.which("firefox-esr")
SECRET = "s3cret"
PREFERENCES = {
    "network.dns.localDomains": f'"{pki.PINNED}"',  # is this machine
    "network.proxy.type": "0",
    "network.trr.mode": "5",
    "network.captive-portal-service.enabled": "false",
    "network.connectivity-service.enabled": "false",
    "services.settings.server": '"http://127.0.0.1:1"',
    "browser.region.network.url": '""',
    "browser.aboutwelcome.enabled": "false",
    "browser.shell.checkDefaultBrowser": "false",
    "datareporting.policy.dataSubmissionEnabled": "false",
    "toolkit.telemetry.enabled": "false",
    "app.normandy.enabled": "false",
    "app.update.enabled": "false",
    "security.OCSP.enabled": "0",
}


def _request(certificates, folder, port):
    return clients.Request(pki.PINNED, port, certificates.bundle, SECRET, "1.3", folder)


def _strsclnt(certificates, folder, identity, policy, *options):
    """One run, and what the server saw."""
    with attacker.Server(identity) as server:
        words = nss_clients.strsclnt(_request(certificates, folder, server.port), *options)
        if policy:
            words = [*product.under_shim(policy.path), *words]
        done = processes.run(words, env=product.environment(folder))
        return done, server.finish()


@pytest.mark.parametrize("options", ((), ("-o",), ("-o", "-o")), ids=("", "override", "never"))
def test_man_in_the_middle_of_strsclnt_gets_nothing(certificates, folder, options):
    """It tries again and again: each time in vain."""
    policy = policies.pinning(folder, certificates.genuine.pin)
    for identity in (certificates.attacker, certificates.genuine):
        _, connections = _strsclnt(certificates, folder, identity, None, *options)
        assert b"GET /abc" in attacker.leaked(connections)
    _, connections = _strsclnt(certificates, folder, certificates.genuine, policy, *options)
    assert b"GET /abc" in attacker.leaked(connections)
    assert policy.events() == []
    _, connections = _strsclnt(certificates, folder, certificates.attacker, policy, *options)
    assert attacker.leaked(connections) == b""
    assert {connection.alert for connection in connections} == {nss_kit.ACCESS_DENIED}
    assert {event["verdict"] for event in policy.events()} == {"pin-mismatch"}


@contextlib.contextmanager
def _firefox(certificates, folder, port, policy):
    """Firefox, while it takes a picture of a page: for good where it can't have the page."""
    profile = nss_clients.database(folder, certificates.bundle)
    settings = "".join(f'user_pref("{key}", {value});\n' for key, value in PREFERENCES.items())
    (profile / "user.js").write_text(settings)
    words = [FIREFOX, "--headless", "--no-remote", "--profile", profile]
    words += ["--screenshot", folder / "page.png", f"https://{pki.PINNED}:{port}/{SECRET}"]
    env = product.preloaded(folder, policy.path) if policy else product.environment(folder)
    with subprocess.Popen(
        [str(word) for word in words],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _visit(certificates, folder, identity, policy=None):
    """What the server saw of Firefox, which had the page or was refused."""
    run = pathlib.Path(folder, f"run-{len(list(folder.iterdir()))}")
    run.mkdir()
    with attacker.Server(identity) as server:
        with _firefox(certificates, run, server.port, policy) as process:
            connections = server.since_last()
            if connections[0].handshake:
                process.wait(processes.TIMEOUT)
        return connections + server.finish()


@pytest.mark.skipif(not FIREFOX, reason="firefox-esr is not installed")
@pytest.mark.parametrize("pinned", ("genuine", "root"))
def test_man_in_the_middle_of_firefox_gets_nothing(certificates, folder, pinned):
    """Its verdict comes later, from another thread. Its NSS has no libpkix."""
    if product.sanitizers():
        pytest.skip("Firefox's allocator isn't a sanitizer's")
    policy = policies.pinning(folder, getattr(certificates, pinned).pin)
    secret = SECRET.encode()
    assert secret in attacker.leaked(_visit(certificates, folder, certificates.attacker))
    connections = _visit(certificates, folder, certificates.attacker, policy)
    assert attacker.leaked(connections) == b""
    assert {c.alert for c in connections if c.alert} >= {nss_kit.ACCESS_DENIED}
    event = policy.events()[0]
    assert (event["verdict"], event["library"]) == ("pin-mismatch", "nss")
    assert secret in attacker.leaked(_visit(certificates, folder, certificates.genuine, policy))
