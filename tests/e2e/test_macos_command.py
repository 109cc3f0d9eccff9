"""The command, the agent and the compiler of text policies for macOS, as files; `make macos` builds them. Nothing of it
runs here."""

import mach_o
import product
import pytest

MACOS = product.BUILD / "macos"
COMMAND, COMPILER = MACOS / "pinshim", MACOS / "libpinshim-compile.dylib"
AGENT = MACOS / "pinshim-agent"
AD_HOC, TWO_LEVEL, INDEPENDENT, PROGRAM, DYLIB = 0x2, 0x80, 0x200000, 2, 6
SYSTEM = "/usr/lib/libSystem.B.dylib"
PREFIXES = {"arm64": "/opt/homebrew/opt", "x86_64": "/usr/local/opt"}
POLICY = """libconfig/lib/libconfig.dylib libidn2/lib/libidn2.0.dylib libpsl/lib/libpsl.5.dylib
    libunistring/lib/libunistring.dylib openssl@3/lib/libcrypto.3.dylib""".split()
FURTHER = ["jansson/lib/libjansson.4.dylib", "openssl@3/lib/libssl.3.dylib"]
LINUX_ALONE = """ptrace process_vm_readv memfd_create inotify_init1 ppoll accept4 pipe2
    reallocarray sigtimedwait prctl signalfd setresuid setresgid getrandom capset""".split()

pytestmark = pytest.mark.skipif(not COMMAND.exists(), reason="make macos builds what this looks at")


@pytest.fixture(params=sorted(PREFIXES))
def architecture(request):
    """Each one."""
    return request.param


def part(path, architecture, folder):
    """One architecture's part of a product."""
    return mach_o.MachO(mach_o.slices(path)[architecture], folder / path.name)


@pytest.fixture
def command(architecture, tmp_path):
    """The command."""
    return part(COMMAND, architecture, tmp_path)


@pytest.fixture
def agent(architecture, tmp_path):
    """The agent."""
    return part(AGENT, architecture, tmp_path)


@pytest.fixture
def compiler(architecture, tmp_path):
    """The library that the shim loads for a text policy."""
    return part(COMPILER, architecture, tmp_path)


def homebrew(architecture, files):
    """What Homebrew's libraries are called there, and the system's."""
    return sorted([*(f"{PREFIXES[architecture]}/{file}" for file in files), SYSTEM])


@pytest.mark.parametrize("path", [COMMAND, AGENT, COMPILER], ids=lambda path: path.name)
def test_is_universal(path):
    assert sorted(mach_o.slices(path)) == sorted(PREFIXES)


@pytest.mark.parametrize("path", [COMMAND, AGENT, COMPILER], ids=lambda path: path.name)
def test_is_for_the_oldest_system_and_signed_and_tells_no_path(path, architecture, tmp_path):
    built = part(path, architecture, tmp_path)
    assert built.oldest_system() == (1, 11, 0)
    assert built.signature() & AD_HOC
    assert str(product.PROJECT).encode() not in built.content


def test_programs_are_at_no_fixed_address(command, agent):
    for built in (command, agent):
        assert built.kind == PROGRAM
        assert built.flags & TWO_LEVEL and built.flags & INDEPENDENT


def test_command_needs_homebrew_s_libraries_and_the_system_s(command, architecture):
    assert sorted(command.libraries()) == homebrew(architecture, POLICY + FURTHER)


def test_agent_needs_curl_besides_and_no_tls_library_of_its_own(agent, architecture):
    needed = [*POLICY, "jansson/lib/libjansson.4.dylib", "curl/lib/libcurl.4.dylib"]
    assert sorted(agent.libraries()) == homebrew(architecture, needed)


def test_compiler_brings_no_tls_library(compiler, architecture):
    assert sorted(compiler.libraries()) == homebrew(architecture, POLICY)


def test_every_import_has_one_library(command, agent, compiler):
    """Two-level names: what the program itself has of that name is never taken."""
    for built in (command, agent, compiler):
        imports = built.undefined()
        assert len(imports) > 50 and all(imports.values())


def test_imports_are_none_of_linux(command, agent, compiler):
    for built in (command, agent, compiler):
        assert not set(LINUX_ALONE) & set(built.undefined())


def test_compiler_exports_its_one_function(compiler):
    assert compiler.kind == DYLIB and compiler.flags & TWO_LEVEL
    assert compiler.libraries(mach_o.ID) == ["@rpath/libpinshim-compile.dylib"]
    assert list(compiler.defined("--extern-only")) == ["pinshim_compile"]


def test_run_speaks_to_dyld(command):
    """Where the library is, and by which variable it is inserted."""
    for text in (b"DYLD_INSERT_LIBRARIES\0", b"libpinshim.dylib\0", b"../lib/pinshim/\0"):
        assert text in command.content
    assert b"LD_PRELOAD\0" not in command.content


def test_agent_keeps_to_macos_s_folders_and_ways(agent):
    """Where the library and the command look for it; and how it loses its rights."""
    for text in (
        b"/var/run/pinshim/agent.sock\0",
        b"/var/run/pinshim/events.sock\0",
        b"/Library/Application Support/pinshim/policy.cdb\0",
        b"/Library/Application Support/pinshim/agent.state\0",
        b"DYLD_INSERT_LIBRARIES\0",
        b"(version 1)(allow default)\0",
    ):
        assert text in agent.content, text
    for text in (b"\0/run/pinshim", b"/var/lib/pinshim", b"LD_PRELOAD\0", b"/proc/self/exe"):
        assert text not in agent.content, text
    assert {"sandbox_init", "setgroups", "setgid", "setuid", "getpeereid"} <= set(agent.undefined())


def test_what_macos_has_no_way_to_is_said(command):
    assert b"task_for_pid" in command.content and b"launchd.plist" in command.content
