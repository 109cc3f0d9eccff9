"""A proxy of this machine: an exception where it is configured and its root was added, and else none.

The proxy is certificates.attacker: every client here trusts its root, and so does none of the policies
unless it says so.
"""

import os
import pathlib
import shutil

import kit
import namespaces
import pki
import policies
import processes
import product
import pytest

SETTINGS = pathlib.Path("/etc/environment")
URL = "http://proxy.example.test:3128"
ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="roots must be root's")
needs_settings = pytest.mark.skipif(
    not SETTINGS.exists(), reason=f"there is no {SETTINGS} to be covered"
)


def local_proxy(*roots, trust="when-configured", proxy=URL):
    """The policy's part about it."""
    files = ", ".join(f'"{root}"' for root in roots)
    return f'local_proxy = {{ trust = "{trust}"; roots = [{files}]; proxy = "{proxy}"; }};'


def write(folder, certificates, text, service="cloud", **settings):
    """A policy that pins the genuine leaf."""
    entry = policies.entry(pki.PINNED, service=service, pins=[certificates.genuine.pin], **settings)
    return policies.write(folder, entry, text=text)


def assert_outcome(client_kit, certificates, policy, expected, **settings):
    """Of the proxy; the genuine server is reached in every case."""
    assert kit.outcome(client_kit, certificates.genuine, policy, **settings) == "connected"
    assert policy.events() == []
    assert kit.outcome(client_kit, certificates.attacker, policy, **settings) == expected
    event = policy.event()
    if expected == "connected":
        assert (event["event"], event["verdict"]) == ("proxy-used", "local-proxy-match")
        assert event["verified_chain"] == [
            certificates.attacker.pin,
            certificates.attacker_root.pin,
        ]
    else:
        assert (event["event"], event["verdict"]) == ("untrusted-connection", "pin-mismatch")


# --- both conditions


@needs_root
@pytest.mark.parametrize("added", (True, False), ids=("added", "not-added"))
@pytest.mark.parametrize("configured", (True, False), ids=("configured", "not-configured"))
@pytest.mark.parametrize("trust", ("when-configured", "never"))
@namespaces.needed
@needs_settings
def test_configured_and_added_or_no_exception(
    client_kit, certificates, folder, trust, configured, added
):
    root = certificates.attacker_root if added else certificates.stranger_root
    text = local_proxy(root.certificate_file, trust=trust, proxy=URL if configured else "auto")
    policy = write(folder, certificates, text)
    empty = folder / "environment"
    empty.write_text("")
    prefix = namespaces.inside(namespaces.covering(SETTINGS, empty))
    every = trust != "never" and configured and added
    expected = "connected" if every else "refused"
    assert_outcome(client_kit, certificates, policy, expected, prefix=prefix)


@needs_root
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
def test_service_that_may_go_through_it(client_kit, certificates, folder, service, allow, expected):
    settings = {} if allow is None else {"allow_ssl_inspection": allow}
    text = local_proxy(certificates.attacker_root.certificate_file)
    policy = write(folder, certificates, text, service, **settings)
    assert_outcome(client_kit, certificates, policy, expected)


@needs_root
@pytest.mark.parametrize("service", ("email", "gateway", "workplace"))
def test_services_of_a_persona(client_kit, certificates, folder, service):
    entry = policies.entry(pki.PINNED, service=service, pins=[certificates.genuine.pin])
    other = policies.entry("elsewhere.example.test", pins=[certificates.genuine.pin])
    text = local_proxy(certificates.attacker_root.certificate_file)
    policy = policies.write(folder, other, personas=[policies.persona("p", entry)], text=text)
    assert_outcome(client_kit, certificates, policy, "connected")


@needs_root
@pytest.mark.parametrize(
    "names, valid",
    ((("attacker.example.test",), (-pki.DAY, pki.DAY)), (pki.NAMES, (-2 * pki.DAY, -pki.DAY))),
    ids=("other-host", "expired"),
)
def test_path_must_verify(client_kit, certificates, folder, names, valid):
    """To the added root, for this host, now; the program checks nothing."""
    text = local_proxy(certificates.attacker_root.certificate_file)
    policy = write(folder, certificates, text)
    bad = certificates.attacker_root.issue(names, valid=valid)
    lax = {"verify": "none"}
    assert kit.outcome(client_kit, bad, policy, **lax) == "refused"
    sent = certificates.stranger_root.issue().serving(certificates.attacker_root.certificate)
    assert kit.outcome(client_kit, sent, policy, **lax) == "refused"
    assert kit.outcome(client_kit, certificates.attacker, policy, **lax) == "connected"


# --- where it is configured: proxy = "auto"


CONFIGURED = {
    "https_proxy=http://proxy.test:3128": "connected",
    'HTTPS_PROXY="http://proxy.test:3128"': "connected",
    "export http_proxy=http://proxy.test:3128": "connected",
    "PATH=/bin\n  all_proxy=socks5://proxy.test": "connected",
    "": "refused",
    "# https_proxy=http://proxy.test:3128": "refused",
    "https_proxy=": "refused",
    'https_proxy=""': "refused",
    "no_proxy=localhost": "refused",
    "my_https_proxy=http://proxy.test:3128": "refused",
}


@needs_settings
@namespaces.needed
class TestAuto:
    """/etc/environment, root's alone, and no other place."""

    @pytest.fixture
    def policy(self, folder, certificates):
        """The root is added; it is the proxy that matters."""
        text = local_proxy(certificates.attacker_root.certificate_file, proxy="auto")
        return write(folder / "policy", certificates, text)

    @pytest.fixture
    def machine(self, folder):
        """A machine's settings, and a function that gives the words to run something there."""
        settings = folder / "environment"

        def run_with(text, mode=0o644, owner=0):
            settings.write_text(text + "\n")
            settings.chmod(mode)
            os.chown(settings, owner, 0)
            return namespaces.inside(namespaces.covering(SETTINGS, settings))

        return run_with

    @pytest.mark.parametrize("text", CONFIGURED)
    def test_settings_of_the_machine(self, client_kit, certificates, policy, machine, text):
        prefix = machine(text)
        assert_outcome(client_kit, certificates, policy, CONFIGURED[text], prefix=prefix)

    def test_environment_of_the_program_does_not_count(
        self, client_kit, certificates, policy, machine
    ):
        """It is in the hands of whoever starts the program."""
        own = {"https_proxy": URL, "HTTPS_PROXY": URL, "http_proxy": URL, "ALL_PROXY": URL}
        settings = {"prefix": machine(""), "extra_environment": own}
        assert_outcome(client_kit, certificates, policy, "refused", **settings)

    @pytest.mark.parametrize(
        "mode, owner, expected",
        (
            (0o644, 0, "connected"),
            (0o600, 0, "connected"),
            (0o646, 0, "refused"),
            (0o664, 0, "refused"),
            (0o644, 65534, "refused"),
        ),
    )
    def test_settings_that_others_may_write(
        self, client_kit, certificates, policy, machine, mode, owner, expected
    ):
        prefix = machine(f"https_proxy={URL}", mode, owner)
        assert_outcome(client_kit, certificates, policy, expected, prefix=prefix)


# --- which roots were added


@needs_root
@pytest.mark.parametrize(
    "mode, owner, expected",
    (
        (0o644, 0, "connected"),
        (0o646, 0, "refused"),
        (0o664, 0, "refused"),
        (0o644, 65534, "refused"),
    ),
)
@pytest.mark.parametrize("form", ("file", "folder"))
def test_root_that_others_may_write(client_kit, certificates, folder, form, mode, owner, expected):
    """Where it is the folder, others may put their own root into it."""
    roots = folder / "roots"
    roots.mkdir()
    root = pathlib.Path(shutil.copy(certificates.attacker_root.certificate_file, roots / "r.crt"))
    guarded = root if form == "file" else roots
    guarded.chmod(mode | (0o111 if form == "folder" else 0))
    os.chown(guarded, owner, 0)
    policy = write(folder, certificates, local_proxy(guarded))
    assert_outcome(client_kit, certificates, policy, expected)
    done = processes.run([product.PINSHIM, "check", policy.path], env=product.environment(folder))
    assert done.status == (expected != "connected"), done
    assert expected == "connected" or f"{policy.path}:" in done.stderr


@needs_root
def test_folder_of_roots_holds_certificates_of_any_depth(client_kit, certificates, folder):
    """As update-ca-certificates reads it: .crt and .pem, and nothing else."""
    roots = folder / "roots" / "corp"
    roots.mkdir(parents=True)
    text = local_proxy(folder / "roots")
    source = certificates.attacker_root.certificate_file
    for name, expected in (("proxy.txt", "refused"), ("proxy.crt", "connected")):
        shutil.copy(source, roots / name)
        policy = write(folder / name, certificates, text)
        assert_outcome(client_kit, certificates, policy, expected)
