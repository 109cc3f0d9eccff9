"""pinshim doctor: what it says of programs, and of all that are installed. Nothing is ever started."""

import json
import os
import pathlib
import re
import shutil

import c_programs
import examination
import product
import pytest
from test_run_refusals import BUILT_IN


CALLS_OPENSSL = {
    "source": "int OPENSSL_init_ssl(long, void *);\n",
    "before": "if (!OPENSSL_init_ssl(0, 0)) return 1;",
}


def run_refuses(program, policy_file):
    """Why `pinshim run` doesn't start it."""
    result = product.pinshim("run", "--config", policy_file, program)
    assert result.returncode == 126
    return re.fullmatch(r".*?: can't be protected: (.*)\n", result.stderr)[1]


# --- a program


def test_a_program_that_is_linked_to_a_library_with_hooks(folder):
    program = c_programs.waiting(folder, "client", "-lssl", **CALLS_OPENSSL)
    status, found = examination.doctor(program)
    assert (status, found["state"], found["protectable"], found["why"]) == (0, "yes", True, None)
    (tls,) = found["tls"]
    assert (tls["family"], tls["way"], tls["hooked"]) == ("OpenSSL", "linked", True)
    assert tls["name"] == "libssl.so.3" and pathlib.Path(tls["file"]).exists()
    assert tls["above"] == str(program)


def test_what_is_linked_to_its_libraries_counts():
    """curl itself is linked to libcurl alone; found along PATH, as by `pinshim run`."""
    _, found = examination.doctor("curl")
    assert found["program"] == shutil.which("curl", path=os.environ["PATH"])
    (openssl,) = [tls for tls in found["tls"] if tls["family"] == "OpenSSL"]
    assert openssl["hooked"] and "libcurl.so.4" in openssl["above"]


def test_a_program_without_tls_can_be_protected(folder):
    status, found = examination.doctor(c_programs.waiting(folder, "client"))
    assert (status, found["state"], found["tls"]) == (0, "no TLS", [])


@pytest.mark.parametrize("kind", BUILT_IN)
def test_tls_built_in_is_what_run_refuses(kind, folder, policy_file):
    source = BUILT_IN[kind] + "int main(void) { return 0; }"
    program = c_programs.compiled_c(folder, "client", source, "-rdynamic")
    status, found = examination.doctor(program)
    assert (status, found["state"], found["protectable"]) == (1, "no", False)
    assert found["why"] == run_refuses(program, policy_file)
    assert found["tls"][0]["way"] == "inside" and not found["tls"][0]["hooked"]


def test_a_static_program_is_what_run_refuses(folder, policy_file):
    program = c_programs.waiting(folder, "client", "-static")
    status, found = examination.doctor(program)
    assert (status, found["state"], found["why"]) == (1, "no", run_refuses(program, policy_file))


@product.needs_root
def test_a_set_user_id_program_is_what_run_refuses(folder, policy_file):
    program = c_programs.waiting(folder, "client", "-lssl", **CALLS_OPENSSL)
    os.chown(program, 65534, 65534)
    program.chmod(0o4755)
    status, found = examination.doctor(program)
    assert (status, found["state"], found["why"]) == (1, "no", run_refuses(program, policy_file))
    assert examination.families(found) == {"OpenSSL"}


def test_scripts_are_followed_to_their_interpreter(folder):
    program = c_programs.waiting(folder, "interpreter", "-lssl", **CALLS_OPENSSL)
    path = f"{folder}:{os.environ['PATH']}"
    for line in (f"#!{program}", "#!/usr/bin/env interpreter"):
        script = folder / "script"
        script.write_text(f"{line}\n")
        script.chmod(0o755)
        status, found = examination.doctor("script", PATH=path)
        assert (status, found["program"], found["file"]) == (0, str(script), str(program))
        assert examination.families(found) == {"OpenSSL"}
        text = product.pinshim("doctor", script, env=product.command_environment(PATH=path)).stdout
        assert re.search(rf"^interpreter +{program}$", text, re.M)


@pytest.mark.parametrize("where", ("$ORIGIN/lib", "${ORIGIN}/lib", "absolute"))
@pytest.mark.parametrize("tag", ("--enable-new-dtags", "--disable-new-dtags"))
def test_libraries_of_its_own_folder_are_found(folder, where, tag):
    """The library that it is linked to is linked to another one, without hooks, beside it."""
    place = folder / "lib"
    place.mkdir()
    inner = c_programs.library(place, "libwolfssl.so.35", "int inner(void) { return 0; }")
    outer = c_programs.library(
        place,
        "libouter.so.1",
        "int inner(void); int outer(void) { return inner(); }",
        inner,
        f"-Wl,-rpath,{'$ORIGIN' if where != 'absolute' else place}",
        f"-Wl,{tag}",
    )
    program = c_programs.waiting(
        folder,
        "client",
        outer,
        f"-Wl,-rpath,{where if where != 'absolute' else place}",
        f"-Wl,-rpath-link,{place}",
        f"-Wl,{tag}",
        source="int outer(void);\n",
        before="if (outer()) return 1;",
    )
    status, found = examination.doctor(program)
    assert (status, found["state"], found["why"]) == (1, "no hooks", "no hooks for wolfSSL")
    (tls,) = found["tls"]
    assert tls["file"] == str(inner) and tls["above"] == str(outer)


def test_a_library_that_is_missing_is_named_all_the_same(folder):
    library = c_programs.library(folder, "libwolfssl.so.35", "int other(void) { return 0; }")
    source = {"source": "int other(void);\n", "before": "if (other()) return 1;"}
    program = c_programs.waiting(folder, "client", library, **source)
    library.unlink()
    status, found = examination.doctor(program)
    assert status == 1
    assert [(tls["family"], tls["file"]) for tls in found["tls"]] == [("wolfSSL", None)]


def test_hooks_for_some_of_its_libraries_are_not_enough(folder):
    library = c_programs.library(folder, "libwolfssl.so.35", "int other(void) { return 0; }")
    program = c_programs.waiting(
        folder,
        "client",
        library,
        f"-Wl,-rpath,{folder}",
        "-lssl",
        source=CALLS_OPENSSL["source"] + "int other(void);\n",
        before="if (other()) return 1; " + CALLS_OPENSSL["before"],
    )
    status, found = examination.doctor(program)
    assert (status, found["state"]) == (1, "partly")
    assert examination.families(found) == {"OpenSSL", "wolfSSL"}


def test_tls_inside_two_libraries(folder):
    text = 'const char text[] = "BoringSSL"; int inside(void) { return !text[0]; }'
    libraries = [c_programs.library(folder, f"libbundle{i}.so.1", text) for i in (1, 2)]
    source = {"source": "int inside(void);\n", "before": "if (inside()) return 1;"}
    flags = ("-Wl,--no-as-needed", *libraries, f"-Wl,-rpath,{folder}")
    program = c_programs.waiting(folder, "client", *flags, **source)
    status, found = examination.doctor(program)
    assert status == 1 and found["why"] == "TLS built in: a BoringSSL of its own"
    assert [tls["file"] for tls in found["tls"]] == [str(library) for library in libraries]


@pytest.mark.parametrize(
    "name, family",
    (("libssl.so.3", "OpenSSL"), ("libgnutls.so.30", "GnuTLS"), ("libssl3.so", "NSS")),
)
def test_a_library_that_is_only_named_may_be_loaded(folder, name, family):
    source = f'const char name[] = "{name}";\n'
    program = c_programs.waiting(folder, "client", "-rdynamic", source=source)
    status, found = examination.doctor(program)
    assert status == 0
    assert [(tls["family"], tls["way"]) for tls in found["tls"]] == [(family, "may load")]
    text = product.pinshim("doctor", program).stdout
    assert re.search(rf"^may load +{family}", text, re.M)


@pytest.mark.parametrize("function, state", (("_ZN5Botan3TLS6ClientE", "no"), ("sign", "no TLS")))
def test_botan_is_more_than_tls(folder, function, state):
    """A program may use its library for all sorts of things: what is taken from it tells."""
    text = f"int {function}(void) {{ return 0; }}"
    library = c_programs.library(folder, "libbotan-2.so.19", text)
    source = {"source": f"int {function}(void);\n", "before": f"if ({function}()) return 1;"}
    program = c_programs.waiting(folder, "client", library, f"-Wl,-rpath,{folder}", **source)
    _, found = examination.doctor(program)
    assert found["state"] == state
    assert examination.families(found) == ({"Botan's TLS"} if state == "no" else set())


def test_a_library_of_a_wheel_is_known_by_its_name(folder):
    for name, family, hooked in (
        ("libssl-80c06e3d.so.3", "OpenSSL", True),
        ("libssl-80c06e3d.so.1.1", "OpenSSL other than 3", False),
    ):
        library = c_programs.library(folder, name, "int other(void) { return 0; }")
        source = {"source": "int other(void);\n", "before": "if (other()) return 1;"}
        program = c_programs.waiting(folder, "client", library, f"-Wl,-rpath,{folder}", **source)
        status, found = examination.doctor(program)
        (tls,) = found["tls"]
        assert (tls["family"], tls["hooked"], status) == (family, hooked, int(not hooked))


def test_a_library_that_the_loader_does_not_take(folder, tmp_path):
    """The command elsewhere, and beside it no library."""
    place = tmp_path / "bin"
    place.mkdir()
    command = shutil.copy(product.PINSHIM, place)
    (place / "libpinshim.so").write_text("no library")
    program = c_programs.waiting(folder, "client", "-lssl", **CALLS_OPENSSL)
    done = product.run([command, "doctor", "--json", program], product.command_environment())
    found = json.loads(done.stdout)
    assert (done.returncode, found["state"]) == (1, "no")
    assert found["why"].startswith("its loader doesn't take the library: ")


# --- nothing is started


def test_neither_the_program_nor_its_library_nor_its_loader_is_started(folder):
    started = folder / "started"
    touch = f'#include <stdlib.h>\n__attribute__((constructor)) void start(void) {{ system("touch {started}"); }}\n'
    library = c_programs.library(folder, "libouter.so.1", touch + "int outer(void) { return 0; }")
    loader = c_programs.compiled_c(
        folder, "ld-linux-x86-64.so.2", touch + "int main(void) { return 0; }", "-static"
    )
    for flags in ([], [f"-Wl,--dynamic-linker={loader}"]):
        program = c_programs.waiting(
            folder,
            "client",
            library,
            f"-Wl,-rpath,{folder}",
            *flags,
            source=touch + "int outer(void);\n",
            before="if (outer()) return 1;",
        )
        examination.doctor(program)
        assert not started.exists()


def test_a_file_that_changes_while_it_is_looked_at_is_no_danger(folder):
    """Cut to nothing: what is left is no program."""
    program = c_programs.waiting(folder, "client", "-lssl", **CALLS_OPENSSL)
    os.truncate(program, 3000)
    status, found = examination.doctor(program)
    assert (status, found["state"]) == (1, "no")
    assert found["why"] == "not an executable this machine can run"
