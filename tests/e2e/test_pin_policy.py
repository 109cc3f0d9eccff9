"""pinshim pin --policy: entries to be pasted into a policy, of what has verified alone."""

import datetime
import re

import attacker
import clients
import pki
import policies
import product
import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID


def entries(certificates, *servers, status=0, roots=None):
    """What is printed for these servers, and what is said on stderr."""
    roots = roots or certificates.root.certificate_file
    result = product.pinshim("pin", "--policy", "--cafile", roots, *servers)
    assert result.returncode == status, result
    return result.stdout, result.stderr


def pins_in(text):
    """The pins of entries, in their order."""
    return re.findall(r'"(sha256//[^"]*)"', text)


def names_in(text):
    """The names of entries, in their order."""
    return re.findall(r'name = "([^"]*)"', text)


def policy_of(folder, text):
    """A policy of these entries, which must be valid."""
    folder.mkdir(exist_ok=True)
    events = folder / "events.jsonl"
    path = folder / "pinshim.conf"
    path.write_text(
        f'version = 1;\nevents = {{ file = "{events}"; syslog = false; desktop = false; }};\n'
        f"domains = (\n{text});\n"
    )
    result = product.pinshim("check", path)
    assert result.returncode == 0 and "error" not in result.stderr, f"{text}\n{result.stderr}"
    return policies.Policy(path, events)


def request(certificates, folder, policy, identity):
    """What curl says to a server that has this identity, and what the server got."""
    with attacker.Server(identity) as server:
        asked = clients.Request("localhost", server.port, certificates.bundle, "s3cret", "1.3")
        done = clients.BY_NAME["curl"].run(asked, folder, policy)
        return done, attacker.leaked(server.finish())


def test_an_entry_lets_its_server_in_and_nobody_else(certificates, folder):
    with attacker.Server(certificates.genuine) as server:
        text, said = entries(certificates, f"localhost:{server.port}")
    assert said == ""
    assert names_in(text) == ["localhost"]
    assert pins_in(text) == [certificates.genuine.pin, certificates.intermediate.pin]
    assert text.count("Genuine Intermediate") == 1 and f"port {server.port}" in text
    assert re.search(rf"# .*{datetime.datetime.utcnow():%Y-%m-}\d\d", text)
    policy = policy_of(folder / "policy", text)
    renewed = certificates.intermediate.issue()  # another key: the issuer is the backup
    for identity in certificates.genuine, renewed:
        done, received = request(certificates, folder, policy, identity)
        assert done.status == 0 and b"s3cret" in received, done
    done, received = request(certificates, folder, None, certificates.attacker)
    assert done.status == 0 and b"s3cret" in received, done
    done, received = request(certificates, folder, policy, certificates.attacker)
    assert done.status == 60 and received == b"", done
    assert policy.event()["verdict"] == "pin-mismatch"


def test_the_verified_path_counts_and_not_what_is_served(certificates):
    stranger = certificates.stranger_root
    crowd = certificates.genuine.serving(
        stranger.certificate,
        certificates.attacker.certificate,
        certificates.intermediate.certificate,
    )
    with attacker.Server(crowd) as server:
        text, said = entries(certificates, f"localhost:{server.port}")
        table = product.pinshim(
            "pin", "--cafile", certificates.root.certificate_file, f"localhost:{server.port}"
        )
    assert said == "" and stranger.pin in table.stdout
    assert pins_in(text) == [certificates.genuine.pin, certificates.intermediate.pin]


def test_what_does_not_verify_gets_no_entry(certificates, folder):
    wrong = (
        certificates.attacker,
        certificates.stranger_root.issue(),
        certificates.intermediate.issue(("other.example",)),
        certificates.intermediate.issue(valid=(-2 * pki.DAY, -pki.DAY)),
    )
    for identity in wrong:
        with attacker.Server(identity) as bad, attacker.Server(certificates.genuine) as good:
            text, said = entries(certificates, f"localhost:{bad.port}", status=1)
            assert text == ""
            assert re.fullmatch(
                rf"pinshim pin: localhost:{bad.port}: no entry, .* does not verify: .*\n", said
            )
            text, said = entries(
                certificates, f"localhost:{bad.port}", f"localhost:{good.port}", status=1
            )
        assert said.count("\n") == 1
        assert pins_in(text) == [certificates.genuine.pin, certificates.intermediate.pin]
        policy_of(folder, text)


def test_a_server_that_is_not_there_gets_no_entry(certificates):
    with attacker.Server(certificates.genuine) as server:
        port = server.port
    text, said = entries(certificates, f"localhost:{port}", status=1)
    assert text == "" and re.fullmatch(rf"pinshim pin: localhost:{port}: .*refused\n", said)


def test_a_self_signed_server_has_no_backup(certificates, folder):
    alone = pki.new_root(folder, "Alone", names=("localhost",))
    with attacker.Server(alone) as server:
        where = f"localhost:{server.port}"
        text, said = entries(certificates, where, roots=alone.certificate_file)
        assert entries(certificates, where, status=1)[0] == ""
    assert pins_in(text) == [alone.pin]
    assert re.fullmatch("pinshim pin: warning: localhost: .*no backup.*\n", said)
    assert "no backup" in text
    policy_of(folder, text)


def test_an_issuer_with_the_key_of_its_leaf_is_no_backup(certificates, folder):
    root = pki.new_root(folder, "Root and leaf")
    with attacker.Server(root.issue(("localhost",), key=root.key)) as server:
        text, said = entries(certificates, f"localhost:{server.port}", roots=root.certificate_file)
    assert pins_in(text) == [root.pin] and "no backup" in said


def ipv6():
    """True where there is an address to listen at."""
    try:
        attacker.socket.create_server(("::1", 0), family=attacker.socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_several_servers_are_several_entries(certificates, folder):
    identity = certificates.intermediate.issue(("localhost", "127.0.0.1", "::1"))
    if not ipv6():
        pytest.skip("no IPv6 here")
    with attacker.Server(identity) as four, attacker.Server(identity, address="::1") as six:
        text, said = entries(
            certificates, f"127.0.0.1:{four.port}", f"[::1]:{six.port}", f"LocalHost.:{four.port}"
        )
    assert said == ""
    assert names_in(text) == ["127.0.0.1", "::1", "localhost"]
    assert pins_in(text) == [identity.pin, certificates.intermediate.pin] * 3
    policy_of(folder, text)


def test_one_name_at_two_ports_is_one_entry(certificates, folder):
    other = certificates.intermediate.issue(("localhost",))
    with attacker.Server(certificates.genuine) as first, attacker.Server(other) as second:
        text, said = entries(certificates, f"localhost:{first.port}", f"localhost:{second.port}")
    assert said == "" and names_in(text) == ["localhost"]
    assert pins_in(text) == [certificates.genuine.pin, certificates.intermediate.pin, other.pin]
    assert f"port {first.port}" in text and f"port {second.port}" in text
    policy_of(folder, text)


INJECTIONS = (
    'evil"; pins = []; }, { name = "other.example"; pinned = false; } /*',
    '*/ \n { name = "other.example"; pinned = false; }, #',
    '\n@include "/etc/passwd"\n',
    "\r\n\x00\x07\x1b[31m\x7f\x85\u2028\u202e",
    "//\\",
    "x" * 60,
)


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_subject_stays_in_its_comment(certificates, folder, text):
    subject = x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, text[:64])] * 20
        + [x509.NameAttribute(NameOID.COMMON_NAME, text[:64])]
    )
    issuer = certificates.root.issue((), authority=True, subject=subject)
    leaf = issuer.issue(("localhost",), subject=subject)
    with attacker.Server(leaf) as server:
        written, said = entries(certificates, f"localhost:{server.port}")
    assert said == ""
    assert written.replace("\n", "").isprintable() and written.isascii()
    code = [
        line.split(" # ")[0].rstrip() for line in written.splitlines() if not line.startswith("  #")
    ]
    assert code == [
        '  { name = "localhost"; service = "custom";',
        f'    pins = ["{leaf.pin}",',
        f'            "{issuer.pin}"];',
        "  }",
    ]
    policy_of(folder, written)


@pytest.mark.parametrize("kind", ("file", "nothing-there", "json"))
def test_what_can_be_no_entry_is_a_usage_error(certificates, kind, man_in_the_middle):
    arguments = {
        "file": [certificates.root.certificate_file],
        "nothing-there": ["/nonexistent/x.pem"],
        "json": ["--json"],
    }[kind]
    where = f"localhost:{man_in_the_middle.port}"
    result = product.pinshim("pin", "--policy", where, *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert re.fullmatch("pinshim pin: .*\n", result.stderr)
    assert man_in_the_middle.finish() == []  # nobody was asked
