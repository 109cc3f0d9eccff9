"""OpenSSL's objects, however they are made and freed, and whoever else is under way in the process."""

import pathlib
import re
import struct

import attacker
import c_programs
import kit
import pki
import policies
import processes
import product
import pytest
from test_loading import LOADED, library_file, no_sanitizers

SOURCE = (product.PROJECT / "tests" / "e2e" / "births.c").read_text()
FLAGS = ("-D_GNU_SOURCE", f"-I{product.PROJECT}", "-lssl", "-lcrypto", "-lpthread")

# What a plugin with threads of its own does at its load; the thread asks the loader for nothing.
CONSTRUCTOR = """
#include <openssl/bio.h>
#include <pthread.h>
static void *work(void *unused)
{
    BIO_free(BIO_new(BIO_s_mem()));
    return unused;
}
__attribute__((constructor)) static void at_load(void)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, work, NULL) == 0)
        pthread_join(thread, NULL);
}
"""
LOADER = """
#include <dlfcn.h>
int main(int argc, char **argv)
{
    return argc == 2 && dlopen(argv[1], RTLD_NOW) ? 0 : 1;
}
"""


@pytest.fixture
def policy(folder, certificates):
    """The pinned name's one pin is the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


def run(folder, program, words, policy=None, **variables):
    """The program's end, with or without the shim."""
    env = product.preloaded(folder, policy.path) if policy else product.environment(folder)
    return processes.run([*program, *words], env={**env, **variables})


def played(folder, program, identity, way, policy=None, **variables):
    """How the program fared at a server with this identity, and what it was sent."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        words = [way, server.port, pki.PINNED]
        done = run(folder, program, words, policy, **variables)
        return done, attacker.leaked(server.finish())


@no_sanitizers
@pytest.mark.parametrize("loading", ("local", "deepbind"))
@pytest.mark.parametrize("way", ("plain", "early", "driven"))
def test_context_of_a_plugin_s_constructor(folder, certificates, policy, loading, way):
    """With RTLD_DEEPBIND nothing of the plugin is seen before its constructors are done."""
    plugin = c_programs.library(folder, "births.so", SOURCE, *FLAGS)
    program = [LOADED, loading, plugin]
    for identity, under, expected in (
        (certificates.attacker, None, b"secret\n"),
        (certificates.genuine, policy, b"secret\n"),
        (certificates.attacker, policy, b""),
    ):
        done, leaked = played(folder, program, identity, way, under, BIRTHS_AT_LOAD="1")
        assert leaked == expected, done
        assert ("told=yes" in done.stdout) == (way != "plain"), done
    assert policy.event()["verdict"] == "pin-mismatch"


@no_sanitizers
@pytest.mark.parametrize("loading", ("local", "deepbind"))
def test_shared_secret_of_a_plugin_s_constructor(folder, policy, loading):
    """No certificate is verified, which would show the library."""
    plugin = c_programs.library(folder, "births.so", SOURCE, *FLAGS)
    secret = {"BIRTHS_AT_LOAD": "1", "BIRTHS_PSK": "16"}
    for under, expected in ((None, len("secret\n")), (policy, 0)):
        with kit.server(folder, psk=kit.PSK) as server:
            words = ["driven", server.port, pki.PINNED]
            done = run(folder, [LOADED, loading, plugin], words, under, **secret)
            assert "told=yes" in done.stdout, done
            assert int(server.connections(1)[0]["bytes"]) == expected, done


def test_end_of_an_ssl_looks_the_same(folder, certificates, policy):
    """A program's free callback may ask for what it set."""
    program = [c_programs.compiled_c(folder, "births", SOURCE, *FLAGS)]
    for under in (None, policy):
        done, leaked = played(folder, program, certificates.genuine, "ended", under)
        assert done.status == 0 and leaked == b"secret\n", done
        assert "ended=same" in done.stdout, done


@pytest.fixture
def symbolic(folder):
    """A folder with a libssl that keeps its own calls to itself, as OpenSSL's makers build it (-Bsymbolic)."""
    content = bytearray(pathlib.Path(library_file("libssl.so.3")).read_bytes())
    wide = content[4] == 2
    word = "Q" if wide else "I"
    start = struct.unpack_from(f"={word}", content, 32 if wide else 28)[0]
    step, count = struct.unpack_from("=HH", content, 54 if wide else 42)
    for header in range(start, start + step * count, step):
        if struct.unpack_from("=I", content, header)[0] != 2:  # PT_DYNAMIC
            continue
        at = struct.unpack_from(f"={word}", content, header + (8 if wide else 4))[0]
        while struct.unpack_from(f"={word}", content, at)[0] != 30:  # DT_FLAGS
            at += 2 * struct.calcsize(word)
        at += struct.calcsize(word)
        flags = struct.unpack_from(f"={word}", content, at)[0]
        struct.pack_into(f"={word}", content, at, flags | 2)  # DF_SYMBOLIC
    place = folder / "symbolic"
    place.mkdir()
    (place / "libssl.so.3").write_bytes(content)
    return place


def test_copy_of_an_ssl_has_the_program_s_info_callback(folder, certificates, policy, symbolic):
    program = [c_programs.compiled_c(folder, "births", SOURCE, *FLAGS)]
    for variables in ({}, {"LD_LIBRARY_PATH": str(symbolic)}):
        for under in (None, policy):
            done, leaked = played(
                folder, program, certificates.genuine, "copied", under, **variables
            )
            assert done.status == 0 and leaked == b"secret\n", done
            assert "copied=same" in done.stdout and "told=yes" in done.stdout, done
        policy.events_file.unlink(missing_ok=True)
        done, leaked = played(folder, program, certificates.attacker, "copied", policy, **variables)
        assert leaked == b"" and policy.event()["verdict"] == "pin-mismatch", done


def test_pinned_host_is_resumed_after_a_library_context_is_gone(folder, certificates, policy):
    """The first thread with TLS may have had a library context of its own."""
    program = [c_programs.compiled_c(folder, "births", SOURCE, *FLAGS)]
    for under in (None, policy):
        done, leaked = played(folder, program, certificates.genuine, "context", under)
        assert done.status == 0 and leaked == b"secret\n" * 2, done
        assert re.findall(r"reused=(.)", done.stdout) == ["0", "1"], done
    done, leaked = played(folder, program, certificates.attacker, "context", policy)
    assert leaked == b"", done


def test_library_context_where_another_was(folder, certificates, policy):
    """Sessions carry nothing there but what the program gave them."""
    program = [c_programs.compiled_c(folder, "births", SOURCE, *FLAGS)]
    for under in (None, policy):
        done, leaked = played(folder, program, certificates.genuine, "again", under)
        assert done.status == 0 and leaked == b"secret\n", done
        assert "foreign" not in done.stdout, done


@no_sanitizers
def test_constructor_that_waits_for_a_thread(folder, policy):
    """It holds the loader's lock meanwhile."""
    program = [c_programs.compiled_c(folder, "loader", LOADER, "-Wl,--no-as-needed", "-lcrypto")]
    plugin = c_programs.library(folder, "plugin.so", CONSTRUCTOR, "-lcrypto", "-lpthread")
    for under in (None, policy):
        assert run(folder, program, [plugin], under).status == 0
