"""The command line's own behaviour: help, usage, colours. Each subcommand has tests of its own."""

import re

import product
import pytest

SUBCOMMANDS = [
    "run",
    "check",
    "compile",
    "explain",
    "pin",
    "log",
    "doctor",
    "status",
    "bundle",
    "refresh",
    "install-preload",
    "remove-preload",
]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["help"],
        ["-h"],
        *[[s, "--help"] for s in SUBCOMMANDS],
        *[["help", s] for s in SUBCOMMANDS],
    ],
)
def test_help_is_on_stdout(arguments):
    result = product.pinshim(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("usage: pinshim")
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_help_lists_every_subcommand():
    listed = product.pinshim("--help").stdout
    for subcommand in SUBCOMMANDS:
        assert re.search(rf"^  {subcommand} ", listed, re.M)
        assert (
            product.pinshim("help", subcommand).stdout
            == product.pinshim(subcommand, "--help").stdout
        )


@pytest.mark.parametrize(
    "arguments", [["--version"], ["-V"], *[[s, "--version"] for s in SUBCOMMANDS]]
)
def test_version(arguments):
    result = product.pinshim(*arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == f"pinshim {(product.PROJECT / 'VERSION').read_text().strip()}\n"


@pytest.mark.parametrize(
    "arguments, status",
    [
        ([], 2),
        (["frobnicate"], 2),
        (["help", "frobnicate"], 2),
        (["--frobnicate"], 2),
        (["check", "--frobnicate"], 2),
        (["check", "a", "b"], 2),
        (["compile", "a", "b"], 2),
        (["compile", "-o"], 2),
        (["pin"], 2),
        (["pin", "--cafile"], 2),
        (["log", "x"], 2),
        (["status", "x"], 2),
        (["status", "--frobnicate"], 2),
        (["doctor"], 2),
        (["doctor", "a", "b"], 2),
        (["doctor", "--all", "a"], 2),
        (["doctor", "--frobnicate"], 2),
        (["doctor", ""], 2),
        (["doctor", "nosuchprogram"], 2),
        (["doctor", "./nosuchprogram"], 2),
        (["doctor", "/etc/passwd"], 2),
        (["doctor", "0"], 2),
        (["doctor", "99999999999999999999"], 2),
        (["log", "--lines"], 2),
        (["log", "--lines", "-1"], 2),
        (["log", "--lines", "ten"], 2),
        (["log", "--lines", "99999999999999999999"], 2),
        (["run"], 125),
        (["run", "--"], 125),
        (["run", "--frobnicate", "true"], 125),
        (["run", "--config"], 125),
    ],
)
def test_a_usage_error_is_one_line(arguments, status):
    result = product.pinshim(*arguments)
    assert (result.returncode, result.stdout) == (status, "")
    assert re.fullmatch(r"pinshim.*: .*\n", result.stderr)


@pytest.mark.parametrize(
    "arguments, status", [(["--help"], 1), (["run", "--help"], 125), (["pin", "--version"], 1)]
)
def test_a_full_disk_is_an_error(arguments, status):
    with open("/dev/full", "w") as full:
        result = product.pinshim(*arguments, stdout=full)
    assert result.returncode == status
    assert "No space left on device" in result.stderr


@pytest.mark.parametrize(
    "arguments, status", [(["check"], 1), (["compile"], 1), (["log"], 1), (["run", "true"], 125)]
)
def test_a_relative_pinshim_config_is_refused(arguments, status, policy_file):
    result = product.pinshim(
        *arguments,
        env=product.command_environment(PINSHIM_CONFIG=policy_file.name),
        cwd=policy_file.parent,
    )
    assert result.returncode == status
    assert "relative" in result.stderr


def test_colours_are_for_terminals_alone(bad_policy_file):
    assert "\033[" not in product.pinshim("check", bad_policy_file).stderr
    assert "\033[1;31merror:\033[0m" in product.on_terminal("check", bad_policy_file)
    assert "\033[" not in product.on_terminal("check", bad_policy_file, NO_COLOR="1")
    assert "\033[" not in product.on_terminal("check", bad_policy_file, TERM="dumb")


def test_control_characters_never_reach_the_terminal():
    assert "\033" not in product.pinshim("check", "/nonexistent/\033]0;title\007").stderr
