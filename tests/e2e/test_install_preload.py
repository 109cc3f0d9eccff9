"""pinshim install-preload, into a system below a folder: usr is this one's, etc and var its own."""

import pathlib
import shutil
import subprocess

import attacker
import kit
import pki
import policies
import processes
import product
import pytest
import systems

pytestmark = [
    product.needs_root,
    pytest.mark.skipif(bool(product.sanitizers()), reason="the runtimes must be preloaded first"),
]
# A library in place of the shim's: it lets no program start, or none that isn't told of it.
BROKEN = """
#include <stdlib.h>
__attribute__((constructor)) static void start(void) { if (!getenv(VARIABLE)) _Exit(3); }
"""
needs_amd64 = pytest.mark.skipif(
    product.multiarch() != "x86_64-linux-gnu", reason="32-bit programs beside others: amd64 alone"
)


def break_library(system, variable):
    """A library that ends every program without this variable."""
    source = system.root.parent / "broken.c"
    source.write_text(BROKEN)
    words = ["gcc", f'-DVARIABLE="{variable}"', "-shared", "-fPIC", source, "-o", system.library]
    subprocess.run(words, check=True)
    system.place(system.library)


def test_every_program_of_the_system_is_protected(system, certificates, folder):
    policy = policies.pinning(folder, certificates.genuine.pin)
    system.place(policies.image_of(policy), "/var/lib/pinshim/policy.cdb")
    system.place(kit.KIT)
    system.place(certificates.bundle)

    def leaked(identity):
        with attacker.Server(identity, attacker.answer_lines) as server:
            words = [kit.KIT, "--port", server.port, "--ca", certificates.bundle]
            done = system.inside(*words, "--sni", pki.PINNED, "--verify-name", pki.PINNED)
            return attacker.leaked(server.finish()), done

    assert leaked(certificates.attacker)[0] == b"secret.1\n"
    done = system.pinshim("install-preload")
    complaints = [line for line in done.output.splitlines() if "32-bit programs" not in line]
    assert done.status == 0 and complaints == [], done
    assert system.file.read_text() == f"{system.library}\n"
    assert leaked(certificates.genuine)[0] == b"secret.1\n"
    assert leaked(certificates.attacker)[0] == b""
    done = system.pinshim("remove-preload")
    assert done.status == 0 and not system.file.exists(), done
    assert leaked(certificates.attacker)[0] == b"secret.1\n"


def test_other_preloads_stay(system):
    other, another = "/lib/$LIB/libm.so.6".replace("/lib/", "/usr/", 1), "libdl.so.2"
    others = f"# as /lib/libpinshim.so was\n{other}:/old/libpinshim.so {another}\n"
    system.file.write_text(others)
    cleaned = others.replace("/old/libpinshim.so ", "")
    done = system.pinshim("remove-preload")
    assert done.status == 0 and system.file.read_text() == cleaned, done
    done = system.pinshim("install-preload")
    assert done.status == 0 and system.file.read_text() == f"{system.library}\n{cleaned}", done
    done = system.pinshim("remove-preload")
    assert done.status == 0 and system.file.read_text() == cleaned, done


def test_file_that_is_broken_already_is_left_alone(system):
    system.file.write_text("/lib/missing.so\n")
    done = system.pinshim("install-preload")
    assert done.status == 1 and "/lib/missing.so" in done.stderr, done
    assert system.file.read_text() == "/lib/missing.so\n"


def test_twice_is_once(system):
    for _ in range(2):
        assert system.pinshim("install-preload").status == 0
        assert system.file.read_text() == f"{system.library}\n"
    for _ in range(2):
        assert system.pinshim("remove-preload").status == 0
        assert not system.file.exists()
    assert sorted(path.name for path in system.file.parent.iterdir()) == sorted(systems.ETC)


@pytest.mark.parametrize("variable", ("NEVER", "LD_PRELOAD"), ids=("at-once", "once-written"))
def test_library_that_lets_no_program_start_is_taken_back(system, variable):
    break_library(system, variable)
    done = system.pinshim("install-preload")
    assert done.status == 1 and "doesn't run any more" in done.stderr, done
    assert not system.file.exists()
    assert system.inside("true").status == 0


def test_library_that_others_could_change_is_not_for_every_program(system):
    inside = system.root / str(system.library).lstrip("/")
    inside.chmod(0o666)
    done = system.pinshim("install-preload")
    assert done.status == 1 and "others than root may write there" in done.stderr, done
    assert not system.file.exists()


@pytest.mark.parametrize("link", ("etc", "etc/ld.so.preload"))
@pytest.mark.parametrize("subcommand", ("install-preload", "remove-preload"))
def test_link_that_leads_out_of_the_system_is_not_followed(system, link, subcommand):
    """Whoever made the system would have root read and write a file of this one."""
    outside = system.root.parent / "outside"
    system.file.write_text("/old/libpinshim.so\n")
    (system.root / link).rename(outside)
    (system.root / link).symlink_to(outside)
    done = system.pinshim(subcommand)
    assert done.status == 1 and "leads out of" in done.stderr, done
    assert (system.root / link).is_symlink()
    assert system.file.read_text() == "/old/libpinshim.so\n"


def test_system_without_the_library(system):
    (system.root / str(system.library).lstrip("/")).unlink()
    done = system.pinshim("install-preload")
    assert done.status == 1 and "No such file" in done.stderr, done
    assert not system.file.exists()


def install_below_a_prefix(system):
    """As `make install` does: the library among this architecture's libraries. Returns both."""
    prefix = system.root.parent / "prefix"
    for name, place in (
        ("pinshim", "bin"),
        ("libpinshim.so", f"lib/{product.multiarch()}/pinshim"),
    ):
        (prefix / place).mkdir(parents=True)
        shutil.copy(system.command.with_name(name), prefix / place)
    library = prefix / "lib" / product.multiarch() / "pinshim" / "libpinshim.so"
    system.place(library)
    return prefix, library


def test_library_is_installed_for_each_architecture(system):
    """Where it lies among this architecture's libraries, each loader looks among its own."""
    prefix, library = install_below_a_prefix(system)
    done = system.run(prefix / "bin" / "pinshim", "install-preload", "--root", system.root)
    assert done.status == 0, done
    assert system.file.read_text() == f"{prefix}/$LIB/pinshim/libpinshim.so\n"
    maps = system.inside("cat", "/proc/self/maps")
    assert str(library) in maps.stdout, maps


def test_programs_of_32_bits_are_told_of(system):
    """Where such programs may run and have no library of theirs; a loader is all it takes to know."""
    loaders_of_32_bits(system)
    assert "32-bit" not in system.pinshim("install-preload").output
    (system.root / "lib" / "ld-linux.so.2").touch()
    done = system.pinshim("install-preload")
    assert done.status == 0 and "32-bit programs have no library of theirs" in done.stderr, done
    assert "they aren't protected" in done.stderr


# In place of the loader of 32-bit programs, which this machine may be unable to start.
LOADER = """#!/bin/sh
echo "$1 $LD_PRELOAD" >> /tmp/asked
echo "of libc itself"
%s
"""


@needs_amd64
@pytest.mark.parametrize(
    "lib, target", (("lib/i386-linux-gnu", "i386-linux-gnu"), ("lib32", "/lib32"))
)
@pytest.mark.parametrize("fault", ("", "echo cannot be preloaded >&2", "exit 3"))
def test_library_for_32_bits_is_shown_to_come_up_as_well(system, lib, target, fault):
    """Debian's loader of such programs takes the one folder for $LIB, amd64's own one the other."""
    prefix, library = install_below_a_prefix(system)
    second = prefix / lib / "pinshim" / "libpinshim.so"
    second.parent.mkdir(parents=True)
    shutil.copy(library, second)
    system.place(second)
    loaders_of_32_bits(system)
    file = system.root / target.lstrip("/") / "ld-linux.so.2"
    if not target.startswith("/"):
        file = system.root / "lib" / target / "ld-linux.so.2"
    file.parent.mkdir(exist_ok=True)
    file.write_text(LOADER % fault)
    file.chmod(0o755)
    (system.root / "lib" / "ld-linux.so.2").symlink_to(f"{target}/ld-linux.so.2")
    done = system.run(prefix / "bin" / "pinshim", "install-preload", "--root", system.root)
    asked = (system.root / "tmp" / "asked").read_text().splitlines()
    assert asked[0] == f"libc.so.6 {second}"
    if fault:
        assert done.status == 1 and "a fresh /lib/ld-linux.so.2" in done.stderr, done
        assert not system.file.exists()
    else:
        assert (done.status, done.output) == (0, ""), done
        assert asked[1:] == ["libc.so.6 "]
        assert system.file.read_text() == f"{prefix}/$LIB/pinshim/libpinshim.so\n"


def loaders_of_32_bits(system):
    """Room for one: a /lib of the system's own."""
    arch = product.multiarch()
    (system.root / "lib").unlink()
    (system.root / "lib").mkdir()
    (system.root / "lib" / arch).symlink_to(f"../usr/lib/{arch}")


@needs_amd64
def test_32_bit_program_is_told_whether_there_is_a_library(system, folder):
    """By doctor; by run, which starts it with one alone."""
    source, program = folder / "program.s", folder / "program"
    source.write_text(".globl _start\n_start: mov $1, %eax\nmov $7, %ebx\nint $0x80\n")
    words = ["gcc", "-m32", "-nostdlib", "-pie", "-Wl,--dynamic-linker=/lib/ld-linux.so.2"]
    subprocess.run([*words, source, "-o", program], check=True)
    prefix, library = install_below_a_prefix(system)
    command = prefix / "bin" / "pinshim"
    env = product.command_environment()
    reason = "a 32-bit program, and no library for such is installed"
    done = processes.run([command, "doctor", program], env=env)
    assert done.status == 1 and reason in done.stdout, done
    done = processes.run([command, "run", "--", program], env=env)
    assert done.status == 126 and reason in done.stderr, done
    for lib in ("lib/i386-linux-gnu", "lib32"):
        (prefix / lib / "pinshim").mkdir(parents=True)
        shutil.copy(library, prefix / lib / "pinshim")
    done = processes.run([command, "doctor", program], env=env)
    assert done.status == 0 and "no TLS" in done.stdout, done


def test_program_of_32_bits_runs_on_unprotected(folder):
    """Its loader says a line, and starts it. By the kernel, or by qemu where that has no such programs."""
    source, program = folder / "program.s", folder / "program"
    source.write_text(".globl _start\n_start: mov $1, %eax\nmov $7, %ebx\nint $0x80\n")
    words = ["gcc", "-m32", "-nostdlib", "-pie", "-Wl,--dynamic-linker=/lib/ld-linux.so.2"]
    if subprocess.run([*words, source, "-o", program], check=False).returncode != 0:
        pytest.skip("no 32-bit programs can be built for this machine")
    emulator = shutil.which("qemu-i386-static")
    try:
        starts = subprocess.run([program], check=False).returncode == 7
    except OSError:
        starts = False
    if not pathlib.Path("/lib/ld-linux.so.2").exists() or not (starts or emulator):
        pytest.skip("no 32-bit programs run here")
    words = [program] if starts else [emulator, program]
    done = processes.run(words, env=product.environment(folder, product.LIBRARY))
    assert done.status == 7 and "wrong ELF class" in done.stderr, done
