"""Programs and libraries that a test writes in C."""

import subprocess

import product

# Tells that it is there, and lives until its standard input ends.
WAIT = """
#include <stdio.h>
#include <unistd.h>
static void wait_for_the_end(void)
{
    char byte;
    puts("ready");
    fflush(stdout);
    while (read(0, &byte, 1) > 0)
        ;
}
"""


def compiled_c(folder, name, source, *flags):
    """A program of this source."""
    program = folder / name
    subprocess.run(
        ["cc", "-x", "c", "-", "-x", "none", *flags, "-o", program],
        input=source,
        text=True,
        check=True,
    )
    return program


def waiting(folder, name, *flags, source="", before=""):
    """A program that waits; `before` is done first."""
    main = f"int main(void) {{ {before} wait_for_the_end(); return 0; }}"
    return compiled_c(folder, name, WAIT + source + main, *flags)


def library(folder, name, source, *flags):
    """A shared library of this source."""
    return compiled_c(folder, name, source, "-shared", "-fPIC", f"-Wl,-soname,{name}", *flags)


def client_sources(name):
    """The files of a client that is a folder in tests/clients."""
    clients = product.PROJECT / "tests" / "clients"
    return sorted([*(clients / name).glob("*.c"), *(clients / "arguments").glob("*.c")])
