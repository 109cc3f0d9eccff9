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
