"""Programs of macOS: whether dyld would take an inserted library, as their files tell. None is started."""

import examination
import macos_programs
import product
import pytest
from macos_programs import HARDENED, LIBRARIES, LIBRARY_VALIDATION, RESTRICT, VARIABLES

IGNORED = "dyld ignores DYLD_INSERT_LIBRARIES"
VALIDATED = "library validation: dyld loads Apple's and its own maker's libraries alone"
FOREIGN = "not an executable this machine can run"


@pytest.fixture(scope="module", params=["arm64", "x86_64"])
def plain(request, tmp_path_factory):
    """A program that anything can be inserted into."""
    return macos_programs.program(tmp_path_factory.mktemp("macos"), request.param)


def why(folder, content):
    """What doctor says of a program with this content."""
    path = folder / "program"
    path.write_bytes(content)
    path.chmod(0o755)
    status, found = examination.doctor(path)
    assert status != 0 and not found["protectable"]
    return found["why"]


@pytest.mark.parametrize(
    "flags, entitlements, reason",
    [
        (0, [], None),
        (RESTRICT, [], f"restricted: {IGNORED}"),
        (RESTRICT, [VARIABLES, LIBRARIES], f"restricted: {IGNORED}"),
        (LIBRARY_VALIDATION, [], VALIDATED),
        (LIBRARY_VALIDATION, [LIBRARIES], None),
        (HARDENED, [], f"hardened runtime: {IGNORED}"),
        (HARDENED, [LIBRARIES], f"hardened runtime: {IGNORED}"),
        (HARDENED, [VARIABLES], VALIDATED),
        (HARDENED, [VARIABLES, LIBRARIES], None),
    ],
)
def test_signature_decides(folder, plain, flags, entitlements, reason):
    told = why(folder, macos_programs.signed(plain, flags, entitlements))
    assert told == "made for macOS" + (f"; there: {reason}" if reason else "")


def test_an_entitlement_that_is_false_is_none(folder, plain):
    content = macos_programs.signed(plain, HARDENED, [VARIABLES, LIBRARIES], "<false/>")
    assert why(folder, content).endswith(f"hardened runtime: {IGNORED}")


def test_an_entitlement_with_a_longer_name_is_another(folder, plain):
    content = macos_programs.signed(plain, HARDENED, [f"{VARIABLES}-not", LIBRARIES])
    assert why(folder, content).endswith(f"hardened runtime: {IGNORED}")


@pytest.mark.parametrize(
    "text, der, reason",
    [
        (None, [VARIABLES, LIBRARIES], None),
        (None, [VARIABLES], VALIDATED),
        (None, [f"{VARIABLES}-not", LIBRARIES], f"hardened runtime: {IGNORED}"),
        ([VARIABLES, LIBRARIES], [VARIABLES, LIBRARIES], None),
        ([VARIABLES, LIBRARIES], [LIBRARIES], f"hardened runtime: {IGNORED}"),
        ([VARIABLES], [VARIABLES, LIBRARIES], VALIDATED),
    ],
)
def test_entitlements_in_der_have_to_say_it_too(folder, plain, text, der, reason):
    blobs = [macos_programs.text_entitlements(text)] if text else []
    blobs.append(macos_programs.der_entitlements(der))
    told = why(folder, macos_programs.signed_with(plain, HARDENED, *blobs))
    assert told == "made for macOS" + (f"; there: {reason}" if reason else "")


def test_an_entitlement_that_is_false_in_der_is_none(folder, plain):
    blob = macos_programs.der_entitlements([VARIABLES, LIBRARIES], b"\0")
    content = macos_programs.signed_with(plain, HARDENED, blob)
    assert why(folder, content).endswith(f"hardened runtime: {IGNORED}")


def test_damaged_der_grants_nothing(folder, plain):
    """Each byte changed, each end cut off: never a crash, and no grant beyond what is there."""
    slot, blob = macos_programs.der_entitlements([VARIABLES])
    for i in range(8, len(blob), 7):
        for bad in (blob[:i], blob[:i] + b"\xff" + blob[i + 1 :]):
            content = macos_programs.signed_with(plain, HARDENED, (slot, bad))
            assert why(folder, content).endswith(
                (VALIDATED, f"hardened runtime: {IGNORED}", FOREIGN)
            )


@pytest.mark.parametrize("mode", [0o4755, 0o2755])
def test_set_user_id(folder, plain, mode):
    path = folder / "program"
    path.write_bytes(plain)
    path.chmod(mode)
    _, found = examination.doctor(path)
    told = "made for macOS; there: set-user-ID or set-group-ID"
    assert found["why"] == f"{told}: {IGNORED}"


@pytest.mark.parametrize(
    "marks, tls",
    [
        ([b"\xff Go buildinf:", b"crypto/tls.(*Conn)"], "Go's own TLS"),
        ([b"rustls::client::hs"], "rustls"),
        ([b"BoringSSL"], "a BoringSSL of its own"),
        ([b"ssl/statem/statem_clnt.c"], "an OpenSSL of its own"),
        ([b"\xff Go buildinf:"], None),
    ],
)
def test_tls_inside_it(folder, plain, marks, tls):
    inside = folder / "inside"
    inside.write_bytes(b"\0".join([*marks, b""]))
    content = macos_programs.program(folder, "arm64", "-sectcreate", "__TEXT", "__marks", inside)
    told = why(folder, content)
    assert told == "made for macOS" + (f"; there: TLS built in: {tls}" if tls else "")


def test_restricted_by_a_section(folder):
    empty = folder / "empty"
    empty.write_bytes(b"-")
    content = macos_programs.program(
        folder, "x86_64", "-sectcreate", "__RESTRICT", "__restrict", empty
    )
    assert why(folder, content) == f"made for macOS; there: restricted: {IGNORED}"


def test_one_part_of_a_universal_program_speaks_for_all(folder, plain):
    hardened = macos_programs.signed(plain, HARDENED)
    assert why(folder, macos_programs.universal(plain, plain)) == "made for macOS"
    for parts in ((plain, hardened), (hardened, plain)):
        assert why(folder, macos_programs.universal(*parts)).endswith(
            f"hardened runtime: {IGNORED}"
        )


def test_run_refuses_with_the_reason(folder, plain, policy_file):
    program = folder / "program"
    program.write_bytes(macos_programs.signed(plain, HARDENED))
    program.chmod(0o755)
    done = product.pinshim("run", "--config", policy_file, program)
    assert done.returncode == 126
    assert f"can't be protected: made for macOS; there: hardened runtime: {IGNORED}" in done.stderr


def test_cut_short_it_is_nothing(folder, plain):
    """Wherever it ends: no crash, and never taken for a whole one."""
    content = macos_programs.universal(macos_programs.signed(plain, HARDENED, [VARIABLES]))
    for length in [1, 4, 7, 8, 27, 28, *range(0x4000, len(content) - 0x4000, 499)]:
        assert why(folder, content[:length]) == FOREIGN


def test_a_java_class_is_no_program_of_macos(folder):
    assert why(folder, b"\xca\xfe\xba\xbe\0\0\0\x34" + b"\0" * 64) == FOREIGN
