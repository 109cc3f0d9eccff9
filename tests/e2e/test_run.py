"""pinshim run: what is started, and under which policy."""

import os
import re
import subprocess

import policies
import product
import pytest


def test_run_ends_as_the_program_does(policy_file):
    assert product.pinshim("run", "--config", policy_file, "sh", "-c", "exit 7").returncode == 7
    assert (
        product.pinshim("run", "--config", policy_file, "--", "sh", "-c", "kill -9 $$").returncode
        == -9
    )


def test_options_end_at_the_program(policy_file):
    result = product.pinshim("run", "--config", policy_file, "echo", "--config", "x", "--help")
    assert result.stdout == "--config x --help\n"


def test_run_sets_the_environment(policy_file):
    result = product.pinshim(
        "run",
        "--config",
        policy_file.name,
        "sh",
        "-c",
        "echo $PINSHIM_CONFIG; echo $LD_PRELOAD",
        cwd=policy_file.parent,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"{policy_file}\n{product.LIBRARY}\n"


@pytest.mark.parametrize("before", ["{m}", "{m}:{l}", "{l} {m}", " : {m}"])
def test_run_keeps_an_existing_preload(before, policy_file):
    other = subprocess.run(
        ["cc", "-print-file-name=libm.so.6"], capture_output=True, text=True, check=True
    )
    other = os.path.realpath(other.stdout.strip())
    result = product.pinshim(
        "run",
        "--config",
        policy_file,
        "sh",
        "-c",
        "echo $LD_PRELOAD",
        env=product.command_environment(LD_PRELOAD=before.format(m=other, l=product.LIBRARY)),
    )
    assert result.stdout == f"{product.LIBRARY}:{other}\n"


def test_program_with_an_allocator_of_its_own(policy_file):
    """redis-cli has jemalloc: what the C library allocated for a text policy came from there."""
    result = product.pinshim("run", "--config", policy_file, "redis-cli", "--version")
    assert result.returncode == 0 and result.stdout.startswith("redis-cli"), result.stderr


def test_run_takes_an_image(image_file):
    assert product.pinshim("run", "--config", image_file, "true").returncode == 0


def test_run_without_any_policy_warns():
    if os.path.exists("/var/lib/pinshim/policy.cdb"):
        pytest.skip("a policy is installed")
    result = product.pinshim("run", "true")
    assert result.returncode == 0
    assert re.fullmatch("pinshim run: warning: no policy .*\n", result.stderr)


ECHO = ["sh", "-c", "echo ${PINSHIM_CONFIG-installed}"]


@product.needs_root
def test_an_installed_policy_is_not_overridden(installed, policy_file):
    folder, install = installed
    install(policies.TEXT)
    assert product.with_installed(folder, "run", *ECHO).stdout == "installed\n"
    result = product.with_installed(folder, "run", "--config", policy_file, *ECHO)
    assert (result.returncode, result.stdout) == (125, "")
    assert re.fullmatch("pinshim run: --config: .*\n", result.stderr)
    result = product.with_installed(folder, "run", *ECHO, PINSHIM_CONFIG=policy_file)
    assert (result.returncode, result.stdout) == (0, "installed\n")
    assert "PINSHIM_CONFIG is ignored" in result.stderr
    result = product.with_installed(folder, "run", "--config", "/var/lib/pinshim/policy.cdb", *ECHO)
    assert (result.stdout, result.stderr) == ("installed\n", "")


@product.needs_root
def test_an_installed_policy_may_allow_another(installed, policy_file):
    folder, install = installed
    install("allow_override = true;\n" + policies.TEXT)
    result = product.with_installed(folder, "run", "--config", policy_file, *ECHO)
    assert (result.stdout, result.stderr) == (f"{policy_file}\n", "")


@product.needs_root
def test_a_damaged_installed_policy(installed):
    folder, install = installed
    image_file = install(policies.TEXT)
    install("allow_override = true;\n" + policies.TEXT)
    policies.damage(image_file)
    result = product.with_installed(folder, "run", *ECHO)
    assert result.returncode == 0 and "the one before it is used" in result.stderr
    image_file.with_name("policy.cdb~").unlink()
    result = product.with_installed(folder, "run", *ECHO)
    assert (result.returncode, result.stdout) == (125, "")
