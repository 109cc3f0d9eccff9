"""What a Mac is given to build and to start: the Makefile as make reads it there, the formula, a service of launchd."""

import os
import pathlib
import plistlib
import re
import shlex
import shutil

import processes
import product
import pytest

PACKAGING = product.PROJECT / "packaging"
FORMULA = PACKAGING / "homebrew" / "pinshim.rb"


@pytest.fixture
def mac(folder):
    """The environment of a Mac, as far as the Makefile asks: uname, brew, xcrun."""
    tools = folder / "mac"
    tools.mkdir()
    for name, script in {
        "uname": "[ $1 = -m ] && echo arm64 || echo Darwin",
        "brew": "echo /opt/homebrew",
        "xcrun": "echo /SDK",
    }.items():
        tool = tools / name
        tool.write_text(f"#!/bin/sh\n{script}\n")
        tool.chmod(0o755)
    return os.environ | {"PATH": f"{tools}:{os.environ['PATH']}"}


def planned(mac, folder, *arguments):
    """The commands that make would run there, a list of words each."""
    command = ["make", "-n", "-C", product.PROJECT, f"BUILD={folder}/made", *arguments]
    done = processes.run(command, env=mac)
    assert done.status == 0, done
    lines = done.stdout.replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if not line.startswith("make")]


def linked(commands, product_name):
    """What makes a product: the one link of this machine's architecture."""
    (link,) = [words for words in commands if words[0] == "ld" and words[-1].endswith(product_name)]
    return link


def test_a_mac_s_own_tools_and_homebrew_s_libraries_are_used(mac, folder):
    commands = planned(mac, folder, "build")
    link = linked(commands, "/arm64/pinshim")
    assert {"-lssl", "-lcrypto", "-ljansson", "-lconfig", "-lidn2", "-lpsl", "-lunistring"} <= set(
        link
    )
    assert "-L/opt/homebrew/opt/openssl@3/lib" in link and "-lSystem" in link
    compilations = [words for words in commands if "-c" in words]
    assert len(compilations) > 100
    for words in compilations:
        assert "-nostdlibinc" not in words and not any("zig" in word for word in words)
        assert words[words.index("-target") + 1] == "arm64-apple-macos11.0"
    assert not any(
        word.endswith(("_linux.c", "elf_file.c")) for words in commands for word in words
    )


def test_the_compiler_holds_a_hidden_libcrypto_on_a_mac(mac, folder):
    link = linked(planned(mac, folder, "build"), "/arm64/libpinshim-compile.dylib")
    hidden = link.index("-load_hidden")
    assert link[hidden + 1] == "/opt/homebrew/opt/openssl@3/lib/libcrypto.a"
    assert "-lcrypto" not in link


def test_the_library_is_linked_to_the_system_alone_on_a_mac(mac, folder):
    link = linked(planned(mac, folder, "build"), "/arm64/libpinshim.dylib")
    assert [word for word in link if word.startswith(("-l", "-L"))] == ["-lSystem"]


def test_what_is_installed_is_where_the_command_looks(mac, folder):
    installed = [
        words
        for words in planned(mac, folder, "install-macos", "PREFIX=/prefix")
        if words[0] == "install"
    ]
    assert any(words[-1] == "/prefix/bin/" for words in installed)
    (libraries,) = [words for words in installed if words[-1] == "/prefix/lib/pinshim/"]
    names = [os.path.basename(word) for word in libraries if word.endswith(".dylib")]
    assert names == ["libpinshim.dylib", "libpinshim-compile.dylib"]
    assert any(
        words[-1] == "/prefix/sbin/" and words[-2].endswith("/pinshim-agent") for words in installed
    )


def test_agent_speaks_tls_by_homebrew_s_curl(mac, folder):
    """The system's own libcurl uses a TLS library that no hook reaches."""
    link = linked(planned(mac, folder, "build"), "/arm64/pinshim-agent")
    assert "-lcurl" in link and "-L/opt/homebrew/opt/curl/lib" in link
    assert "-lssl" not in link


def depended_on(build):
    """The formulae that ours names, for building alone or for running."""
    rows = re.findall(r'^  depends_on "(\S+)"( => :build)?$', FORMULA.read_text(), re.MULTILINE)
    return {name for name, alone in rows if bool(alone) == build}


@pytest.mark.skipif(not shutil.which("ruby"), reason="no ruby")
def test_formula_is_ruby():
    assert processes.run(["ruby", "-c", FORMULA], env=os.environ).status == 0


def test_formula_names_what_is_linked_and_no_more(mac, folder):
    commands = planned(mac, folder, "build")
    links = [words for words in commands if words[0] == "ld"]
    formulae = {
        found[1]
        for words in links
        for word in words
        if (found := re.match(r"-L.*/opt/([^/]+)/lib", word))
    }
    assert depended_on(build=False) == formulae
    searched = {
        found[1]
        for words in commands
        for word in words
        if (found := re.match(r"/opt/homebrew/opt/([^/]+)/include", word))
    }
    tools = (
        {"scdoc"}
        if any(words[0] == "scdoc" for words in planned(mac, folder, "install-macos"))
        else set()
    )
    assert depended_on(build=True) == searched - formulae | tools


def test_formula_has_the_version_of_the_sources():
    version = (product.PROJECT / "VERSION").read_text().strip()
    assert f'version "{version}"' in FORMULA.read_text()


def test_service_of_launchd_is_the_installed_agent(mac, folder):
    """As it is written there: launchd(8) takes absolute paths alone."""
    words = f"PREFIX=/opt/it DESTDIR={folder}/root"
    commands = planned(mac, folder, "install-macos", *words.split())
    (write,) = [command for command in commands if command[0] == "sed"]
    written = pathlib.Path(write[-1])
    assert written == folder / "root/opt/it/share/pinshim/pinshim-agent.plist"
    (agent,) = [
        words[-1] for words in commands if words[0] == "install" and words[-1].endswith("/sbin/")
    ]
    done = processes.run([*write[:2], product.PROJECT / write[2]], env=mac)
    assert done.status == 0 and write[3] == ">"
    service = plistlib.loads(done.stdout.encode())
    assert service["Label"] == written.stem
    assert service["ProgramArguments"] == [f"{agent.removeprefix(f'{folder}/root')}pinshim-agent"]
    assert service["RunAtLoad"] is True and service["KeepAlive"] == {"SuccessfulExit": False}
    assert service["Umask"] == 0o022
    assert "UserName" not in service  # root's, which it needs to install


def test_service_of_the_formula_is_root_s_agent():
    formula = FORMULA.read_text()
    (service,) = re.findall(r"^  service do\n(.*?)^  end$", formula, re.MULTILINE | re.DOTALL)
    plist = plistlib.loads((PACKAGING / "launchd" / "pinshim-agent.plist").read_bytes())
    assert 'run opt_sbin/"pinshim-agent"' in service and "require_root true" in service
    assert "keep_alive successful_exit: false" in service
    assert f'error_log_path "{plist["StandardErrorPath"]}"' in service


def test_service_of_launchd_inserts_the_library():
    path = PACKAGING / "launchd" / "com.example.client.plist"
    service = plistlib.loads(path.read_bytes())
    assert service["Label"] == path.stem and service["ProgramArguments"][0].startswith("/")
    inserted = service["EnvironmentVariables"]["DYLD_INSERT_LIBRARIES"]
    assert inserted == "/usr/local/lib/pinshim/libpinshim.dylib"
