"""Specific users: a persona with user_groups, and programs that run as one user or another."""

import grp
import os
import subprocess

import attacker
import clients
import kit
import pki
import policies
import processes
import product
import pytest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become somebody else")

GROUP = "games"  # of base-passwd: on every Debian
NOBODY = ["--reuid=nobody", "--regid=nogroup"]
USERS = {
    "root": (["--regid=root", "--clear-groups"], False),
    "root-of-the-group": (["--regid=games", "--clear-groups"], True),
    "root-also-of-the-group": (["--regid=root", "--groups=daemon,games,mail"], True),
    "nobody": ([*NOBODY, "--clear-groups"], False),
    "nobody-of-another-group": ([*NOBODY, "--groups=daemon,mail"], False),
    "nobody-also-of-the-group": ([*NOBODY, "--groups=mail,games"], True),
}


def write_policy(folder, certificates, **persona):
    """The cloud is pinned for the group alone; events by whoever it is."""
    text = policies.persona("specific", validate=True, **persona)
    entry = policies.entry(pki.PINNED, pins=[certificates.genuine.pin])
    policy = policies.write(folder, entry, switch="specific-groups", personas=[text])
    policy.events_file.touch()
    policy.events_file.chmod(0o666)
    return policy


def connect(folder, certificates, words, policy):
    """One connection of the kit to the man in the middle: was it let in?"""
    client = [kit.KIT, "--port", "{port}", "--sni", pki.PINNED, "--verify", "none"]
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        client[2] = server.port
        done = processes.run(
            [*words, *product.under_shim(policy), *client], env=product.environment(folder)
        )
        leaked = attacker.leaked(server.finish())
    line = kit.Line(done.stdout)
    assert leaked == (b"secret.1\n" if line.connected else b""), done
    return line.connected


@pytest.mark.parametrize("form", ("text", "image"))
@pytest.mark.parametrize("user", USERS)
def test_group_decides(certificates, open_folder, user, form):
    words, pinned = USERS[user]
    words = product.become(words)
    policy = write_policy(open_folder, certificates, user_groups=["tty", GROUP])
    path = policy.path if form == "text" else policies.image_of(policy)
    assert connect(open_folder, certificates, words, path) != pinned
    assert [event["verdict"] for event in policy.events()] == ["pin-mismatch"] * pinned


@pytest.mark.parametrize("device, expected", (("field", "refused"), ("office", "connected")))
def test_device_group_counts_as_well(client_kit, certificates, folder, device, expected):
    """Either list is enough: the device's groups, or the user's."""
    text = policies.persona(
        "p", validate=True, user_groups=[GROUP], device_groups=["field", "stores"]
    )
    policy = policies.write(
        folder,
        policies.entry(pki.PINNED, pins=[certificates.genuine.pin]),
        switch="specific-groups",
        personas=[text],
        text=f'device = {{ id = "d"; groups = ["x", "{device}"]; }};',
    )
    assert kit.outcome(client_kit, certificates.genuine, policy) == "connected"
    assert kit.outcome(client_kit, certificates.attacker, policy) == expected


def test_program_that_gives_up_its_groups_first(certificates, open_folder):
    """A daemon that drops its privileges and starts another program: that one's groups count."""
    policy = write_policy(open_folder, certificates, user_groups=[GROUP])
    for groups, pinned in ((f"[{grp.getgrnam(GROUP).gr_gid}]", True), ("[]", False)):
        script = f"import os, sys; os.setgroups({groups}); os.execvp(sys.argv[1], sys.argv[1:])"
        words = ["/usr/bin/python3", "-c", script]
        assert connect(open_folder, certificates, words, policy.path) != pinned


CHANGING = """
import os, socket, ssl, sys
port, other, how, groups, name = sys.argv[1:]
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
def connect(port, name):
    with socket.create_connection(("127.0.0.1", int(port)), 20) as raw:
        with context.wrap_socket(raw, server_hostname=name) as tls:
            tls.sendall(b"secret.1\\n")
            tls.recv(100)
connect(other, "other.test")
if how == "child" and os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
os.setgroups([int(group) for group in groups.split()])
connect(port, name)
connect(other, "other.test")
"""


@pytest.mark.parametrize("how", ("itself", "child"))
@pytest.mark.parametrize("joins", (True, False))
def test_groups_that_change_after_a_handshake(certificates, open_folder, how, joins):
    """A service that has been elsewhere as root before it becomes its user: that one's groups count."""
    policy = write_policy(open_folder, certificates, user_groups=[GROUP])
    before, after = ("--clear-groups", GROUP) if joins else (f"--groups={GROUP}", "mail")
    identity = certificates.attacker
    with attacker.Server(identity, attacker.answer_lines) as server:
        with attacker.Server(identity, attacker.answer_lines) as other:
            words = ["setpriv", before, clients.PYTHON, "-c", CHANGING, server.port, other.port]
            words += [how, grp.getgrnam(after).gr_gid, pki.PINNED]
            env = product.preloaded(open_folder, policies.image_of(policy))
            done = processes.run(words, env=env)
            assert attacker.leaked(server.finish()) == (b"" if joins else b"secret.1\n"), done
    assert done.status == joins, done
    assert [event["verdict"] for event in policy.events()] == ["pin-mismatch"] * joins


SANDBOX = ["unshare", "--user", "--map-current-user"]
sandbox_needed = pytest.mark.skipif(
    subprocess.run([*SANDBOX, "true"], check=False, capture_output=True).returncode != 0,
    reason="needs user namespaces",
)


@sandbox_needed
@pytest.mark.parametrize("groups, pinned", (("mail,games", True), ("mail", True), ("", False)))
def test_sandbox_that_hides_groups(certificates, open_folder, groups, pinned):
    """Which ones the kernel doesn't tell there: what the persona pins counts. Without any there is nothing to hide."""
    policy = write_policy(open_folder, certificates, user_groups=[GROUP])
    chosen = f"--groups={groups}" if groups else "--clear-groups"
    words = product.become(["--reuid=daemon", "--regid=daemon", chosen])
    image = policies.image_of(policy)
    assert connect(open_folder, certificates, [*words, *SANDBOX], image) != pinned


@sandbox_needed
@pytest.mark.parametrize("sandbox, pinned", ((SANDBOX, True), ([], False)))
def test_exemption_for_a_group_that_a_sandbox_hides(certificates, open_folder, sandbox, pinned):
    parent = pki.PINNED.partition(".")[2]
    exempt = policies.entry(pki.PINNED, service="email", pinned=False)
    policy = policies.write(
        open_folder,
        policies.entry(
            parent, service="custom", include_subdomains=True, pins=[certificates.genuine.pin]
        ),
        personas=[policies.persona("exempt", exempt, user_groups=[GROUP])],
    )
    words = product.become(["--reuid=daemon", "--regid=daemon", f"--groups={GROUP}"])
    image = policies.image_of(policy)
    assert connect(open_folder, certificates, [*words, *sandbox], image) != pinned
