"""What samples/ holds works as a newcomer would use it."""

import base64
import hashlib
import re
import shutil
import subprocess

import attacker
import processes
import product
import pytest


@pytest.mark.parametrize(
    "client",
    [
        [product.BUILD / "samples" / "blocking"],
        [product.BUILD / "samples" / "nonblocking"],
        ["python3", product.PROJECT / "samples" / "client.py"],
    ],
)
def test_the_sample_clients_verify_and_print(client, certificates):
    def run(*arguments):
        return subprocess.run(
            [*map(str, client), *map(str, arguments)],
            capture_output=True,
            text=True,
            timeout=processes.TIMEOUT,
            check=False,
        )

    body = attacker.BODY.decode()
    with attacker.Server(certificates.genuine) as server:
        result = run("localhost", server.port, certificates.root.certificate_file)
        assert result.returncode == 0 and body in result.stdout
        result = run("localhost", server.port, certificates.stranger_root.certificate_file)
        assert result.returncode == 1 and body not in result.stdout and result.stderr
        connections = server.finish()
    assert [connection.handshake for connection in connections] == [True, False]
    assert run().returncode == 2


@pytest.mark.parametrize("name", ["local.conf", "maas360.conf"])
def test_a_sample_policy_compiles_once_its_pins_are_filled_in(name, tmp_path):
    text = (product.PROJECT / "samples" / name).read_text()
    placeholders = [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if re.search('"sha256//(PIN-OF|FILL-IN)', line)
    ]
    assert placeholders
    policy = tmp_path / name
    policy.write_text(text)
    shutil.copytree(product.PROJECT / "samples" / "persona.d", tmp_path / "persona.d")
    result = product.pinshim("check", policy)
    assert result.returncode == 1
    for number in placeholders:
        assert f"{policy}:{number}: error: " in result.stderr
    assert product.pinshim("run", "--config", policy, "true").returncode == 125
    pins = iter(range(100))
    policy.write_text(
        re.sub(
            '"sha256//(PIN-OF|FILL-IN)[^"]*"',
            lambda _: '"sha256//'
            + base64.b64encode(hashlib.sha256(bytes([next(pins)])).digest()).decode()
            + '"',
            text,
        )
    )
    result = product.pinshim("check", policy)
    assert result.returncode == 0 and "error" not in result.stderr
    assert product.pinshim("compile", "-o", tmp_path / "policy.cdb", policy).returncode == 0


def _library(text):
    """Where a sample has the library."""
    return re.search(r"^(?:Environment=)?LD_PRELOAD=(\S+)$", text, re.M)[1]


def test_samples_name_the_library_where_it_is_installed():
    for name in ("systemd/pinshim.conf", "environment.d/60-pinshim.conf"):
        text = (product.PROJECT / "samples" / name).read_text()
        expected = "/usr/local/lib/x86_64-linux-gnu/pinshim/libpinshim.so"
        assert _library(text) == expected
        makefile = (product.PROJECT / "Makefile").read_text()
        assert "LIBDIR ?= $(PREFIX)/lib/$(MULTIARCH)/pinshim" in makefile
        assert product.multiarch() in (expected.split("/")[4], "aarch64-linux-gnu")


GENERATOR = "/usr/lib/systemd/user-environment-generators/30-systemd-environment-d-generator"


@pytest.mark.skipif(not shutil.which(GENERATOR), reason="no systemd")
def test_systemd_reads_the_session_s_environment(folder):
    place = folder / ".config" / "environment.d"
    place.mkdir(parents=True)
    shutil.copy(product.PROJECT / "samples" / "environment.d" / "60-pinshim.conf", place)
    env = {"HOME": str(folder), "PATH": "/usr/bin"}
    done = subprocess.run([GENERATOR], capture_output=True, text=True, env=env, check=True)
    assert "LD_PRELOAD=/usr/local/lib/x86_64-linux-gnu/pinshim/libpinshim.so" in done.stdout.split()
