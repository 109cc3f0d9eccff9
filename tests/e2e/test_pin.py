"""pinshim pin: the pins of files and servers, as a table, as JSON."""

import json
import re
import socket
import threading

import attacker
import pki
import policies
import product
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization


def lines_of(result):
    """The table, as pairs of pin and subject."""
    return [tuple(line.split("  ", 1)) for line in result.stdout.splitlines()]


def pins_of(result):
    """The first column."""
    return [pin for pin, _ in lines_of(result)]


@pytest.fixture
def host(certificates):
    """A certificate for addresses, too, and a server that shows it."""
    identity = certificates.intermediate.issue(("localhost", "127.0.0.1"))
    with attacker.Server(identity) as server:
        yield identity, server.port


def test_pins_of_a_file(folder):
    root = pki.new_root(folder, "Root \033[31m")
    leaf = root.issue(("file.example",), subject=x509.Name([]))
    chain = folder / "chain.pem"
    chain.write_bytes(pki.pem(leaf.certificate, root.certificate))
    result = product.pinshim("pin", chain)
    assert (result.returncode, result.stderr) == (0, "")
    assert pins_of(result) == [leaf.pin, root.pin]
    assert lines_of(result)[0] == (leaf.pin, "DNS:file.example")
    assert "CN = " in lines_of(result)[1][1] and result.stdout.replace("\n", "").isprintable()
    der = folder / "leaf.der"
    der.write_bytes(leaf.certificate.public_bytes(serialization.Encoding.DER))
    assert pins_of(product.pinshim("pin", der)) == [leaf.pin]


BAD_FILES = (
    b"",
    b"text\n",
    b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    b"-----BEGIN CERTIFICATE-----\nMII",
    b"0\x82\x01\x01",
)


@pytest.mark.parametrize("content", BAD_FILES)
def test_a_bad_file_is_one_line(content, folder):
    file = folder / "certificate"
    file.write_bytes(content)
    result = product.pinshim("pin", file)
    assert (result.returncode, result.stdout) == (1, "")
    assert re.fullmatch(f"pinshim pin: {file}: .*\n", result.stderr)


def test_what_stands_before_a_damaged_certificate_is_printed(certificates, folder):
    file = folder / "damaged.pem"
    file.write_bytes(pki.pem(certificates.root.certificate) + BAD_FILES[2])
    result = product.pinshim("pin", file)
    assert result.returncode == 1 and pins_of(result) == [certificates.root.pin]
    assert result.stderr == f"pinshim pin: {file}: certificate 2 is damaged\n"


def test_a_good_file_is_printed_beside_a_bad_one(certificates):
    file = certificates.root.certificate_file
    result = product.pinshim("pin", "/nonexistent/x.pem", file)
    assert result.returncode == 1 and pins_of(result) == [certificates.root.pin]
    assert result.stderr.startswith("pinshim pin: /nonexistent/x.pem: No such file")


@pytest.mark.parametrize("options", ((), ("--json",)), ids=("table", "json"))
def test_a_full_disk_loses_no_pin_silently(certificates, options):
    with open("/dev/full", "w", encoding="ascii") as full:
        result = product.pinshim("pin", *options, certificates.root.certificate_file, stdout=full)
    assert result.returncode == 1 and "No space left on device" in result.stderr


@pytest.mark.parametrize("name", ("localhost", "LOCALHOST.", "127.0.0.1"))
def test_pins_of_a_server_that_verifies(name, certificates, host):
    identity, port = host
    result = product.pinshim(
        "pin", "--cafile", certificates.root.certificate_file, f"{name}:{port}"
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert pins_of(result) == identity.pins


def unverified(identity, *arguments, env=None):
    """The pins of a server whose chain does not verify: printed, with one warning of the command's."""
    result = product.pinshim("pin", *arguments, env=env)
    assert result.returncode == 1 and pins_of(result) == identity.pins
    said = "".join(line for line in result.stderr.splitlines(True) if "pinshim pin: " in line)
    assert env or said == result.stderr
    assert re.fullmatch("pinshim pin: warning: .*: this chain does not verify: .*\n", said)


def test_pins_of_a_server_that_does_not_verify(certificates, host):
    identity, port = host
    root = certificates.root.certificate_file
    unverified(identity, f"localhost:{port}")  # not a root of the system
    expired = certificates.root.issue(("localhost",), valid=(-2 * pki.DAY, -pki.DAY))
    for other in certificates.root.issue(("other.example",)), expired:
        with attacker.Server(other) as server:
            unverified(other, "--cafile", root, f"localhost:{server.port}")


@pytest.mark.parametrize("key", ("genuine", "rotated"))
def test_pins_where_the_library_is_in_the_command_itself(key, certificates, folder, host):
    """A whole host's preload refuses the server whose new key is asked for; its pins are printed all the same."""
    identity, port = host
    pins = [identity.pin] if key == "genuine" else [policies.PIN]
    policy = policies.pinning(folder, *pins, name="localhost")
    env = product.command_environment(**product.preloaded(folder, policy.path))
    arguments = ("pin", "--cafile", certificates.root.certificate_file, f"localhost:{port}")
    result = product.pinshim(*arguments, env=env)
    assert (result.returncode, pins_of(result)) == (0, identity.pins)
    assert result.stdout == product.pinshim(*arguments).stdout
    assert [event["verdict"] for event in policy.events()] == (
        [] if key == "genuine" else ["pin-mismatch"]
    )
    unverified(identity, f"localhost:{port}", env=env)  # not a root of the system


def test_a_server_that_is_not_there_or_speaks_no_tls(folder):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

        def speak():
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"220 hello\r\n")
                connection.recv(4096)

        speaker = threading.Thread(target=speak)
        speaker.start()
        result = product.pinshim("pin", f"127.0.0.1:{port}")
        speaker.join()
    assert (result.returncode, result.stdout) == (1, "")
    assert re.fullmatch("pinshim pin: .*: no TLS handshake: .*\n", result.stderr)
    result = product.pinshim("pin", f"127.0.0.1:{port}")
    assert result.returncode == 1 and "refused" in result.stderr
    for argument in "no such host", "host:port", "https://localhost/":
        result = product.pinshim("pin", argument)
        assert (result.returncode, result.stdout) == (1, "")
        assert re.fullmatch("pinshim pin: .*\n", result.stderr)
    assert product.pinshim("pin", "--cafile", folder / "missing.pem", "localhost").returncode == 1


# --- as JSON


def as_json(*arguments):
    """The status, and the array; nothing else is said."""
    result = product.pinshim("pin", "--json", *arguments)
    assert result.stderr == "" and result.stdout.isascii() and "\033" not in result.stdout
    return result.returncode, json.loads(result.stdout)


def test_json_of_files(certificates, folder):
    good = certificates.genuine.chain_file
    bad = folder / "bad-\033-\udcff.pem"
    bad.write_bytes(b"text\n")
    status, found = as_json(good, bad)
    assert status == 1
    assert [item["source"] for item in found] == [str(good)] * 2 + [f"{folder}/bad-\033-\ufffd.pem"]
    for position, item in enumerate(found[:2]):
        assert set(item) == {"source", "position", "subject", "pin", "verified"}
        assert item["position"] == position and item["verified"] is None
        assert item["pin"] == certificates.genuine.pins[position]
    assert found[1]["subject"] == "O = pinshim tests, CN = Genuine Intermediate"
    assert found[2]["error"] == "no certificate in it" and set(found[2]) == {"source", "error"}
    assert as_json(good)[0] == 0


def test_json_of_servers(certificates, host):
    identity, port = host
    roots = ("--cafile", certificates.root.certificate_file)
    stranger = certificates.stranger_root.issue(("localhost",))
    with attacker.Server(stranger) as server:
        status, found = as_json(*roots, f"LOCALHOST:{port}", f"localhost:{server.port}")
    assert status == 1
    assert [item["pin"] for item in found] == [*identity.pins, stranger.pin]
    assert [item["verified"] for item in found] == [True, True, False]
    assert [item["port"] for item in found] == [port, port, server.port]
    assert {item["host"] for item in found} == {"localhost"}
    assert found[0]["source"] == f"LOCALHOST:{port}"
    assert "error" not in found[0] and "issuer" in found[2]["error"]
    status, found = as_json(f"127.0.0.1:{server.port}")
    assert status == 1 and set(found[0]) == {"source", "host", "port", "error"}
    assert "refused" in found[0]["error"]
    assert as_json(*roots, f"localhost:{port}")[0] == 0
