"""Bad policies and certificates: a refusal or an ordinary failure, never a crash, never a leak."""

import os
import random

import attacker
import clients
import pki
import policies
import processes
import product
import pytest
import raw_server

every_version = pytest.mark.parametrize("tls", ("1.2", "1.3"))


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


@pytest.fixture
def image(policy, folder):
    """The same, compiled."""
    path = folder / "policy.cdb"
    done = processes.run(
        [product.PINSHIM, "compile", "-o", path, policy.path], env=product.environment(folder)
    )
    assert done.status == 0, done
    return path


def outcomes(client_kit, identity, config, **settings):
    """What becomes of a pinned and of an unpinned host under a policy named by PINSHIM_CONFIG."""
    found = []
    for host in (pki.PINNED, pki.UNPINNED):
        with attacker.Server(identity, attacker.answer_lines) as server:
            run = client_kit(
                server.port, policy=config, preload=True, sni=host, verify_name=host, **settings
            )
            connections = server.finish()
        if run.line.refused_by_shim:
            assert attacker.leaked(connections) == b""
            assert connections[0].alert == attacker.BAD_CERTIFICATE
            found.append("refused")
        else:
            assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run
            found.append("connected")
    return found


def newer_schema(data):
    """The schema's number raised, wherever the header has it."""
    at = data.index(b"pinshim policy\n") + 16 + 4
    return (
        data[:at]
        + (int.from_bytes(data[at : at + 4], "little") + 1).to_bytes(4, "little")
        + data[at + 4 :]
    )


DAMAGES = {
    "empty": lambda data: b"",
    "one-byte": lambda data: data[:1],
    "header-cut": lambda data: data[: 2048 + 20],
    "half": lambda data: data[: len(data) // 2],
    "last-byte-missing": lambda data: data[:-1],
    "one-byte-more": lambda data: data + b"\0",
    "newer": newer_schema,
    "zeros": lambda data: bytes(len(data)),
    "text": lambda data: b"not a policy\n" * 100,
}


@every_version
@pytest.mark.parametrize("damage", DAMAGES)
def test_damaged_image_refuses_every_handshake(client_kit, certificates, image, damage, tls):
    assert outcomes(client_kit, certificates.genuine, image, tls=tls) == ["connected", "connected"]
    assert outcomes(client_kit, certificates.attacker, image, tls=tls) == ["refused", "connected"]
    image.write_bytes(DAMAGES[damage](image.read_bytes()))
    assert outcomes(client_kit, certificates.genuine, image, tls=tls) == ["refused", "refused"]


@every_version
def test_image_before_it_stands_in_for_a_damaged_one(client_kit, certificates, image, tls):
    data = image.read_bytes()
    image.with_name(image.name + "~").write_bytes(data)
    image.write_bytes(data[:-1])
    assert outcomes(client_kit, certificates.attacker, image, tls=tls) == ["refused", "connected"]
    assert outcomes(client_kit, certificates.genuine, image, tls=tls) == ["connected", "connected"]


def test_no_damaged_byte_lets_the_man_in_the_middle_in(client_kit, certificates, image):
    """Every byte would take minutes: a sample, another in each run, named where it fails."""
    data = image.read_bytes()
    positions = sorted(random.sample(range(len(data)), 40 if product.sanitizers() else 150))
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        for position in positions:
            image.write_bytes(
                data[:position] + bytes([data[position] ^ 0x55]) + data[position + 1 :]
            )
            run = client_kit(server.port, policy=image, preload=True)
            assert run.line.refused_by_shim, f"byte {position}: {run}"
        connections = server.finish()
    assert attacker.leaked(connections) == b"" and len(connections) == len(positions)


@pytest.mark.parametrize("cut", range(0, 100, 7))
def test_no_truncated_image_lets_the_man_in_the_middle_in(client_kit, certificates, image, cut):
    data = image.read_bytes()
    image.write_bytes(data[: len(data) * cut // 100])
    assert outcomes(client_kit, certificates.attacker, image) == ["refused", "refused"]


def _named(folder, kind, policy):
    """Files that can't be a policy."""
    path = folder / "named"
    if kind == "absent":
        return path
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "relative":
        return os.path.relpath(policy.path)
    elif kind == "endless":
        return "/dev/zero"
    elif kind == "binary":
        path.write_bytes(random.Random(1).randbytes(100000))
    elif kind == "nul":
        path.write_bytes(policy.path.read_bytes() + b"\0\n")
    elif kind == "text-errors":
        path.write_text(policy.path.read_text().replace("version = 1", "version = 99"))
    return path


@pytest.mark.parametrize(
    "kind",
    ("absent", "directory", "fifo", "loop", "relative", "endless", "binary", "nul", "text-errors"),
)
def test_named_policy_that_cannot_be_read(client_kit, certificates, folder, policy, kind):
    config = _named(folder, kind, policy)
    assert outcomes(client_kit, certificates.genuine, config) == ["refused", "refused"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_policy_without_permission(client_kit, certificates, policy):
    policy.path.chmod(0)
    assert outcomes(client_kit, certificates.genuine, policy) == ["refused", "refused"]


def many_errors():
    """A policy with an error in each of 100 entries."""
    bad = ",\n".join(
        f'{{ name = "h{i}.example.test"; pins = ["sha256//short{i}"]; }}' for i in range(100)
    )
    return f"version = 1;\ndomains = (\n{bad}\n);\n"


def test_policy_with_100_errors(client_kit, certificates, folder):
    path = folder / "pinshim.conf"
    path.write_text(many_errors())
    done = processes.run([product.PINSHIM, "check", path], env=product.environment(folder))
    assert done.status == 1
    assert done.stderr.count("error: ") == 100
    assert outcomes(client_kit, certificates.genuine, path) == ["refused", "refused"]


@pytest.mark.parametrize("last", ("fine", "broken"))
def test_policy_of_10_megabytes(client_kit, certificates, folder, last):
    pin = certificates.genuine.pin
    count = 95000
    crowd = ",\n".join(
        policies.entry(f"host-{i}.crowd.example.test", pins=[pin]) for i in range(count)
    )
    text = "" if last == "fine" else "nonsense = 1;"
    policy = policies.write(folder, policies.entry(pki.PINNED, pins=[pin]), crowd, text=text)
    assert policy.path.stat().st_size > 10_000_000
    if last == "broken":
        assert outcomes(client_kit, certificates.genuine, policy) == ["refused", "refused"]
        return
    assert outcomes(client_kit, certificates.genuine, policy) == ["connected", "connected"]
    assert outcomes(client_kit, certificates.attacker, policy) == ["refused", "connected"]


@pytest.mark.parametrize(
    "content",
    (
        b"",
        b"\0" * 1000,
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        b"\xff" * 100000,
    ),
    ids=("empty", "zeros", "not-der", "noise"),
)
@pytest.mark.parametrize("where", ("certificates", "trust", "proxy"))
def test_certificate_file_with_garbage(client_kit, certificates, folder, content, where):
    garbage = folder / "garbage.pem"
    garbage.write_bytes(content)
    settings = {"pins": [certificates.genuine.pin]}
    if where == "certificates":
        settings = {"certificates": [garbage]}
    persona = (
        'persona = { name = "p"; version = 1; workplace = { security = {'
        " use_ssl_inspection_in_corporate_network ="
        f' {{ enabled = true; proxy_certificates = ["{garbage}"]; }}; }}; }}; }};\n'
    )
    policy = policies.write(
        folder,
        policies.entry(pki.PINNED, **settings),
        trust=[garbage] if where == "trust" else None,
        personas=[persona] if where == "proxy" else (),
    )
    done = processes.run([product.PINSHIM, "check", policy.path], env=product.environment(folder))
    assert done.status == 1 and "garbage.pem" in done.stderr, done
    assert outcomes(client_kit, certificates.genuine, policy) == ["refused", "refused"]


def test_run_starts_nothing_with_a_bad_policy(certificates, folder):
    path = folder / "pinshim.conf"
    path.write_text(many_errors())
    with attacker.Server(certificates.genuine) as server:
        request = clients.Request(pki.PINNED, server.port, certificates.bundle, "x", "1.3")
        done = clients.BY_NAME["curl"].run(request, folder, path)
        assert done.status == 125 and done.stderr.count("error: ") == 100, done
        assert server.finish() == []


def test_events_that_cannot_be_written(client_kit, certificates, folder, policy):
    """The verdict stands."""
    text = policy.path.read_text().replace(
        str(policy.events_file), str(folder / "no" / "such" / "folder")
    )
    policy.path.write_text(text)
    assert outcomes(client_kit, certificates.attacker, policy) == ["refused", "connected"]
    assert outcomes(client_kit, certificates.genuine, policy) == ["connected", "connected"]


@every_version
def test_program_that_closes_its_stderr(client_kit, certificates, policy, tls):
    """Its next socket gets that number, and must not get our words."""
    with attacker.Server(certificates.attacker, attacker.answer_lines) as server:
        assert client_kit(server.port, "--close-stderr", tls=tls).status == 0
        run = client_kit(server.port, "--close-stderr", policy=policy, tls=tls)
        connections = server.finish()
    assert run.line.refused_by_shim, run
    assert [c.received for c in connections] == [b"secret.1\n", b""]
    assert connections[1].alert == attacker.BAD_CERTIFICATE
    with attacker.Server(certificates.genuine, attacker.answer_lines) as server:
        assert client_kit(server.port, "--close-stderr", policy=policy, tls=tls).status == 0
        assert attacker.leaked(server.finish()) == b"secret.1\n"


def _broken_certificates(good):
    return {
        "no-certificate": [],
        "empty": [b""],
        "noise": [b"\xff" * 500],
        "truncated": [good[:-20]],
        "trailing-bytes": [good + b"\0\0\0\0"],
        "endless-length": [b"\x30\x84\xff\xff\xff\xff" + good],
        "second-is-noise": [good, b"\x30\x03\x02\x01\x01"],
        "thousand-nested": [b"\x30\x80" * 1000],
        "four-megabytes": [b"\x30\x82\xff\xff" + bytes(100000)] * 40,
    }


@pytest.mark.parametrize("driver", ("connect", "write", "bio_write", "memory_connect"))
@pytest.mark.parametrize("verify", ("none", "peer", "instead"))
@pytest.mark.parametrize("broken", _broken_certificates(b"x" * 30))
def test_broken_certificate(client_kit, certificates, policy, broken, verify, driver):
    """The library's own failure, with and without the shim, for the pinned certificate, too."""
    der = certificates.genuine.certificate.public_bytes(pki.serialization.Encoding.DER)
    answer = raw_server.server_hello() + raw_server.certificate(*_broken_certificates(der)[broken])
    with raw_server.Server(answer) as server:
        without = client_kit(server.port, tls="1.2", drive=driver, verify=verify)
        under = client_kit(server.port, policy=policy, tls="1.2", drive=driver, verify=verify)
    assert without.status == under.status == 1
    assert under.finished.stdout == without.finished.stdout


@every_version
@pytest.mark.parametrize("verify", ("none", "peer"))
def test_certificate_with_a_name_of_16_kilobytes(client_kit, certificates, policy, verify, tls):
    long_names = (".".join(["x" * 60] * 270), *pki.NAMES)
    for issuer, key, expected in (
        (certificates.intermediate, certificates.genuine.key, "connected"),
        (certificates.attacker_root, None, "refused"),
    ):
        identity = issuer.issue(long_names, key=key)
        assert outcomes(client_kit, identity, policy, verify=verify, tls=tls) == [
            expected,
            "connected",
        ]
