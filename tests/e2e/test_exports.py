"""What the library shows to the loader: the hooks and nothing else, needing libc alone."""

import re
import subprocess

import product
import pytest


def readelf(*options):
    """What readelf says about the library."""
    return subprocess.run(
        ["readelf", "-W", *options, product.LIBRARY], capture_output=True, text=True, check=True
    ).stdout


def expected():
    """The names of hooks.def."""
    text = (product.PROJECT / "hooks" / "hooks.def").read_text()
    return sorted(re.findall(r"^HOOK\(\w+, [^,]+, (\w+),", text, re.MULTILINE))


def dynamic():
    """The dynamic section as (tag, value) pairs."""
    return re.findall(r"^ 0x[0-9a-f]+ \((\w+)\)\s+(.*)$", readelf("-d"), re.MULTILINE)


def exported():
    """The defined symbols that others can bind to."""
    rows = [line.split() for line in readelf("--dyn-syms").splitlines()]
    return sorted(
        row[7]
        for row in rows
        if len(row) >= 8 and row[4] in ("GLOBAL", "WEAK") and row[6].isdigit()
    )


def test_exports_are_the_hooks():
    assert expected()
    # Not one has a version: a single definition serves each that a program was linked to.
    assert exported() == expected()


def test_every_hook_is_a_function_of_its_library():
    """Each name exists in the library that is said to own it."""
    text = (product.PROJECT / "hooks" / "hooks.def").read_text()
    for library, name in re.findall(r"^HOOK\((\w+), [^,]+, (\w+),", text, re.MULTILINE):
        file = "libc.so.6" if library == "c" else f"lib{library}.so"  # libc.so is a linker script
        found = subprocess.run(
            ["gcc", f"-print-file-name={file}"], capture_output=True, text=True, check=True
        ).stdout.strip()
        symbols = subprocess.run(
            ["readelf", "-W", "--dyn-syms", found], capture_output=True, text=True, check=True
        ).stdout
        assert re.search(rf" FUNC +GLOBAL .* {name}@@", symbols), name


def test_libc_is_all_it_needs():
    if product.sanitizers():
        pytest.skip("a sanitized build needs its runtimes")
    needed = [value for tag, value in dynamic() if tag == "NEEDED"]
    assert needed == ["Shared library: [libc.so.6]"]


def test_hardening():
    tags = dict(dynamic())
    assert "NOW" in tags.get("FLAGS_1", "")
    assert "TEXTREL" not in tags and "TEXTREL" not in tags.get("FLAGS", "")
    assert not {"RPATH", "RUNPATH"} & set(tags)
    segments = readelf("-l")
    assert re.search(r"^\s*GNU_RELRO", segments, re.MULTILINE)
    stack = re.search(r"^\s*GNU_STACK.* (R\S*) +0x", segments, re.MULTILINE)
    assert stack and "E" not in stack[1]
    assert not re.search(r"^\s*LOAD.* RWE ", segments, re.MULTILINE)
