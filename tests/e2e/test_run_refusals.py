"""pinshim run: what is not started, for it could not be protected."""

import os
import pathlib
import re
import shutil
import subprocess

import policies
import product
import pytest
from c_programs import compiled_c


def test_a_bad_policy_starts_nothing(bad_policy_file, tmp_path):
    started = tmp_path / "started"
    result = product.pinshim("run", "--config", bad_policy_file, "touch", started)
    assert result.returncode == 125
    assert result.stderr.startswith(f"{bad_policy_file}:2: error: ")
    result = product.pinshim(
        "run", "touch", started, env=product.command_environment(PINSHIM_CONFIG=bad_policy_file)
    )
    assert result.returncode == 125
    assert (
        product.pinshim("run", "--config", tmp_path / "missing.conf", "touch", started).returncode
        == 125
    )
    assert not started.exists()


def test_a_damaged_image_starts_nothing(image_file):
    policies.damage(image_file)
    assert product.pinshim("run", "--config", image_file, "true").returncode == 125


@pytest.mark.parametrize(
    "program, status",
    [
        ("nosuchprogram", 127),
        ("./nosuchprogram", 127),
        ("", 127),
        ("/etc/passwd", 126),
        ("/", 126),
        ("./pinshim.conf", 126),
    ],
)
def test_what_is_no_program(program, status, policy_file):
    result = product.pinshim("run", "--config", policy_file, program, cwd=policy_file.parent)
    assert result.returncode == status
    assert re.fullmatch("pinshim run: .*\n", result.stderr)


@pytest.fixture
def copied(tmp_path):
    """The command elsewhere, and its library."""
    folder = tmp_path / "bin"
    folder.mkdir()
    return pathlib.Path(shutil.copy(product.PINSHIM, folder)), folder / product.LIBRARY.name


def run_copy(program, policy_file):
    result = subprocess.run(
        [program, "run", "--config", policy_file, "true"],
        capture_output=True,
        text=True,
        env=product.command_environment(),
        check=False,
    )
    return result.returncode, result.stderr


def test_the_library_must_be_there_and_loadable(copied, policy_file, tmp_path):
    program, library = copied
    assert run_copy(program, policy_file)[0] == 125
    library.write_text("no library")
    assert run_copy(program, policy_file)[0] == 125
    library.write_bytes(product.LIBRARY.read_bytes()[:3000])
    assert run_copy(program, policy_file)[0] == 125
    library.unlink()
    installed = tmp_path / "lib" / product.multiarch() / "pinshim"
    installed.mkdir(parents=True)
    shutil.copy(product.LIBRARY, installed)
    assert run_copy(program, policy_file) == (0, "")


@pytest.mark.parametrize("name", ["a b", "a:b", "a$LIB"])
def test_a_folder_that_ld_preload_cannot_name(name, policy_file, tmp_path):
    (tmp_path / name).mkdir()
    for file in product.PINSHIM, product.LIBRARY:
        shutil.copy(file, tmp_path / name)
    status, message = run_copy(tmp_path / name / "pinshim", policy_file)
    assert status == 125 and "LD_PRELOAD" in message


BUILT_IN = {
    "Go": '__attribute__((section(".go.buildinfo"))) const char info[] = "x"; '
    'const char text[] = "crypto/tls.(*Conn).Handshake";',
    "rustls": 'const char text[] = "/registry/rustls-0.21.7/src/client/hs.rs";',
    "BoringSSL": 'const char text[] = "BoringSSL";',
    "OpenSSL": 'const char text[] = "../ssl/statem/statem_clnt.c";',
    "exports": "int SSL_connect(void *ssl) { return !ssl; }",
}


@pytest.mark.parametrize("kind", BUILT_IN)
def test_tls_built_in_is_refused(kind, policy_file, tmp_path):
    program = compiled_c(
        tmp_path, "client", BUILT_IN[kind] + "int main(void) { return 0; }", "-rdynamic"
    )
    result = product.pinshim("run", "--config", policy_file, program)
    assert result.returncode == 126
    assert re.fullmatch(
        f"pinshim run: {program}: can't be protected: TLS built in: .*{kind}.*\n", result.stderr
    )
    result = product.pinshim("run", "--best-effort", "--config", policy_file, program)
    assert result.returncode == 0
    assert re.fullmatch(f"pinshim run: warning: {program}: can't be protected: .*\n", result.stderr)


@pytest.mark.parametrize("kind", ["BoringSSL", "OpenSSL"])
def test_a_program_of_libssl_may_name_other_libraries(kind, policy_file, tmp_path):
    source = "int OPENSSL_init_ssl(long, void *); " + BUILT_IN[kind]
    program = compiled_c(
        tmp_path, "client", source + "int main(void) { return !OPENSSL_init_ssl(0, 0); }", "-lssl"
    )
    assert product.pinshim("run", "--config", policy_file, program).returncode == 0


@pytest.mark.parametrize("flag", ["-static", "-static-pie"])
def test_a_static_program_is_refused(flag, policy_file, tmp_path):
    program = compiled_c(tmp_path, "client", "int main(void) { return 0; }", flag)
    result = product.pinshim("run", "--config", policy_file, program)
    assert result.returncode == 126
    assert result.stderr == f"pinshim run: {program}: can't be protected: statically linked\n"


def test_another_architecture_and_a_cut_program_are_refused(policy_file, tmp_path):
    program = tmp_path / "client"
    true = bytearray(pathlib.Path("/bin/true").read_bytes())
    program.write_bytes(true[:5000])
    program.chmod(0o755)
    result = product.pinshim("run", "--config", policy_file, program)
    assert result.returncode == 126 and "not an executable this machine can run" in result.stderr
    true[18] ^= 0xFF  # e_machine
    program.write_bytes(true)
    result = product.pinshim("run", "--config", policy_file, program)
    assert result.returncode == 126 and "architecture" in result.stderr


def test_another_c_library_is_refused(policy_file, tmp_path):
    program = compiled_c(
        tmp_path,
        "client",
        "int main(void) { return 0; }",
        "-Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1",
    )
    result = product.pinshim("run", "--config", policy_file, program)
    assert result.returncode == 126 and "ld-musl" in result.stderr


def test_scripts_are_followed_to_their_interpreter(policy_file, tmp_path):
    static = compiled_c(tmp_path, "interpreter", "int main(void) { return 0; }", "-static")
    path = f"{tmp_path}:{os.environ['PATH']}"
    for number, (line, status) in enumerate(
        [
            ("#!/bin/sh", 3),
            ("#!/usr/bin/env sh", 3),
            ("#!/usr/bin/env -S A=b sh -e", 3),
            (f"#!{static}", 126),
            ("#!/usr/bin/env interpreter", 126),
            ("#!/nonexistent", 126),
            ("#!/usr/bin/env -S -i sh", 126),
            ("exit 3", 126),
        ]
    ):
        script = tmp_path / f"script{number}"
        script.write_text(f"{line}\nexit 3\n")
        script.chmod(0o755)
        for name in script, script.name:
            result = product.pinshim(
                "run", "--config", policy_file, name, env=product.command_environment(PATH=path)
            )
            assert result.returncode == status, line


@product.needs_root
@pytest.mark.parametrize(
    "mode, user, status", [(0o4755, 65534, 126), (0o2755, 65534, 126), (0o4755, 0, 0)]
)
def test_a_program_that_changes_its_user_is_refused(mode, user, status, policy_file, tmp_path):
    program = pathlib.Path(shutil.copy("/bin/true", tmp_path))
    os.chown(program, user, user)
    program.chmod(mode)
    result = product.pinshim("run", "--config", policy_file, program)
    assert result.returncode == status
    assert not status or "the loader ignores a preload" in result.stderr


@product.needs_root
def test_file_capabilities_are_refused_for_users(policy_file, tmp_path):
    program = pathlib.Path(shutil.copy("/bin/true", tmp_path))
    for folder in [tmp_path, *tmp_path.parents[:3]]:
        folder.chmod(folder.stat().st_mode | 0o111)
    capability = (0x02000001).to_bytes(4, "little") + (1 << 10).to_bytes(4, "little") + bytes(12)
    try:
        os.setxattr(program, "security.capability", capability)
    except OSError:
        pytest.skip("no file capabilities here")
    command = [product.PINSHIM, "run", "--config", policy_file, program]
    if (
        subprocess.run(
            [
                "setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                "test",
                "-r",
                product.PINSHIM.parent / "libpinshim.so",
            ],
            capture_output=True,
            env=product.command_environment(),
            check=False,
        ).returncode
        != 0
    ):
        pytest.skip("another user can't reach the build folder")
    result = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command],
        capture_output=True,
        text=True,
        env=product.command_environment(),
        check=False,
    )
    assert result.returncode == 126 and "capabilities" in result.stderr
    assert subprocess.run(command, env=product.command_environment(), check=False).returncode == 0
