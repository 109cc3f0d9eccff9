"""What shells complete after `pinshim` is what the command's own help names."""

import functools
import re
import shutil
import subprocess

import processes
import product
import pytest

COMPLETIONS = product.PROJECT / "packaging" / "completions"
ACTIONS = ("create", "sign", "verify", "show", "key")

# What bash-completion does at the begin, of words without quotes.
BASH = """
_init_completion() {
    words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
    cur=${words[cword]} prev=${words[cword - 1]}
}
_filedir() { COMPREPLY+=(FILES); }
_known_hosts_real() { COMPREPLY+=(HOSTS); }
_command_offset() { COMPREPLY+=("OFFSET $1"); }
source "$0"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_pinshim
printf '%s\\n' "${COMPREPLY[@]}"
"""
# What zsh's own functions are told.
ZSH = """
_arguments() { print -rl -- "$@" }
_describe() { print -rl -- "${(@P)4}" }
words=("$@") CURRENT=$#
source "$0"
"""


@functools.cache
def subcommands():
    """Those of the command's help, with the actions of `bundle`."""
    listed = re.findall(r"^  ([a-z-]+) ", product.pinshim("--help").stdout, re.M)
    assert "run" in listed and "help" in listed
    return [name for name in listed if name != "help"]


def places():
    """Every word, or two words, that have options."""
    return [(name,) for name in subcommands()] + [("bundle", action) for action in ACTIONS]


@functools.cache
def told(*place):
    """The options that a help names, long and short."""
    text = product.pinshim(*place, "--help").stdout
    lines = re.findall(r"^  (?:(-\w), |    )?(--[\w-]+)(?: |$)|^  (--[\w-]+)(?: |$)", text, re.M)
    longs = {long or only for _, long, only in lines}
    assert "--help" in longs, text
    return longs, {short for short, _, _ in lines if short}


def ask(words):
    """What a shell prints."""
    if not shutil.which(words[0]):
        pytest.skip(f"no {words[0]} here")
    done = subprocess.run(
        [str(word) for word in words],
        env={**processes.plain_environment("/nonexistent"), "PATH": "/usr/sbin:/usr/bin"},
        capture_output=True,
        text=True,
        timeout=processes.TIMEOUT,
        check=True,
    )
    assert not done.stderr, done
    return done.stdout.splitlines()


def bash(*words):
    """What bash completes the last word to."""
    return ask(["bash", "-c", BASH, COMPLETIONS / "pinshim.bash", "pinshim", *words])


def fish(*lines):
    """What fish completes the end of each line to."""
    script = (
        f"source {COMPLETIONS / 'pinshim.fish'}; for line in $argv; complete -C $line; echo =; end"
    )
    said = "\n".join(ask(["fish", "--no-config", "-c", script, *lines]))
    return [re.findall(r"^([^\t\n]+)", part, re.M) for part in re.split(r"^=$", said, flags=re.M)]


def zsh(*words):
    """What zsh's functions are told for these words."""
    return ask(["zsh", "-f", "-c", ZSH, COMPLETIONS / "_pinshim", "pinshim", *words])


def options_of(lines):
    """The options among what zsh's _arguments is told."""
    found = [re.match(r"(?:\([^)]*\)|\*)?(--?[\w-]+)=?\[", line) for line in lines]
    return {match[1] for match in found if match}


def test_bash_completes_every_option():
    wrong = {
        place: bash(*place, "--")
        for place in places()
        if set(bash(*place, "--")) != told(*place)[0]
    }
    assert wrong == {}


def test_bash_completes_every_subcommand():
    assert set(bash("")) - {"--help", "--version"} == {*subcommands(), "help"}
    assert set(bash("help", "")) == set(subcommands())
    assert set(bash("bundle", "")) == set(ACTIONS)


def test_bash_completes_what_options_take():
    assert (
        bash("check", "") == bash("run", "--config", "") == bash("compile", "-o", "") == ["FILES"]
    )
    assert bash("explain", "") == ["HOSTS"]
    assert "root" in bash("explain", "--user", "ro")
    assert bash("run", "--config", "x", "--", "curl", "") == ["OFFSET 5"]
    assert bash("run", "curl", "--ca") == ["OFFSET 2"]
    assert "true" in bash("run", "tru")


def test_fish_completes_every_option():
    completed = fish(*(" ".join(["pinshim", *place, "--"]) for place in places()))
    found = {
        place: {word for word in words if word[:2] == "--"}
        for place, words in zip(places(), completed)
    }
    assert {
        place: words ^ told(*place)[0] for place, words in found.items() if words != told(*place)[0]
    } == {}


def test_fish_completes_every_subcommand():
    subcommand, action, *_ = fish("pinshim ", "pinshim bundle ")
    assert set(subcommand) == {*subcommands(), "help"}
    assert set(action) == set(ACTIONS)


def test_zsh_completes_every_option():
    wrong = {}
    for place in places():
        longs, shorts = told(*place)
        if (found := options_of(zsh(*place, ""))) != longs | shorts:
            wrong[place] = found ^ (longs | shorts)
    assert wrong == {}


def test_zsh_completes_every_subcommand():
    listed = {line.partition(":")[0] for line in zsh("") if re.match(r"[a-z-]+:", line)}
    assert listed == {*subcommands(), "help"}
    assert {
        line.partition(":")[0] for line in zsh("bundle", "") if re.match(r"[a-z]+:", line)
    } == set(ACTIONS)
