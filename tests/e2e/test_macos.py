"""The library for macOS, as a file: what dyld would read of it. `make macos` builds it; nothing of it runs here."""

import re
import struct

import mach_o
import product
import pytest

LIBRARY = product.BUILD / "macos" / "libpinshim.dylib"
AD_HOC, TWO_LEVEL, DYLIB = 0x2, 0x80, 6

pytestmark = pytest.mark.skipif(not LIBRARY.exists(), reason="make macos builds what this looks at")

# What the library may ask of libSystem, beside what it interposes.
IMPORTS = """
    acl_free acl_get_entry acl_get_fd_np acl_get_file acl_get_permset_mask_np acl_get_tag_type
    _NSGetArgv __bzero __error __memcpy_chk __stack_chk_fail __stack_chk_guard
    _dyld_get_image_header _dyld_get_image_name _dyld_get_image_vmaddr_slide _dyld_image_count
    _dyld_register_func_for_add_image _tlv_bootstrap arc4random_buf bzero calloc clock_gettime
    clock_gettime_nsec_np close confstr connect dladdr dlclose dlerror dlopen dyld_stub_binder fcntl free
    fstat fstat$INODE64 getegid getenv getgroups getpeereid getpeername getpid getrlimit getuid
    isatty issetugid lseek lstat lstat$INODE64 mach_task_self_ memcmp memcpy mmap munmap nanosleep open
    poll pread pthread_atfork pthread_mutex_lock pthread_mutex_unlock recv sched_yield send sendmsg
    setsockopt socket stat stat$INODE64 strcmp strlen strncmp unlink vm_page_size vm_protect write
""".split()


@pytest.fixture(params=["arm64", "x86_64"])
def library(request, tmp_path):
    """Each architecture's library."""
    return mach_o.MachO(mach_o.slices(LIBRARY)[request.param], tmp_path / "libpinshim.dylib")


def rows():
    """The rows of hooks.def but for those of ELF alone: (library, name), in order."""
    text = (product.PROJECT / "hooks" / "hooks.def").read_text()
    text = re.sub(r"^#if defined HOOKS_ELF\b.*?^#endif$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^HOOK\((\w+), [^,]+, (\w+),", text, re.MULTILINE)


def test_is_universal():
    assert sorted(mach_o.slices(LIBRARY)) == ["arm64", "x86_64"]


def test_each_row_has_one_interposing_tuple(library):
    """Of our hook and of the original, which may be absent where it is a TLS library's."""
    section = library.section("__DATA", "__interpose")
    assert section.size == 16 * len(rows())
    symbols = library.defined()
    assert len(rows()) > 40
    for i, (owner, name) in enumerate(rows()):
        (hook,) = struct.unpack_from("<Q", library.content, section.offset + 16 * i)
        assert hook == symbols[f"pinshim_{name}"], name
        _, original, weak = library.binds[section.address + 16 * i + 8]
        assert original == name and (weak or owner == "c")


def test_nothing_else_may_be_missing(library):
    weak = {name for _, name, weak in library.binds.values() if weak}
    assert weak <= {name for _, name in rows()}


def test_tls_libraries_are_looked_up_wherever_they_are(library):
    """No library but libSystem is needed, and what isn't in that belongs to a row."""
    assert library.libraries() == ["/usr/lib/libSystem.B.dylib"]
    imports = library.undefined()
    anywhere = {name for name, owner in imports.items() if not owner}
    absent_on_macos = {"gethostbyname_r", "gethostbyname2_r"}
    assert anywhere == {name for owner, name in rows() if owner != "c"} | absent_on_macos


def test_imports_are_the_expected_ones(library):
    names = {name for _, name in rows()}
    unexpected = {name for name, owner in library.undefined().items() if owner} - names
    assert not unexpected - set(IMPORTS)


def test_exports_nothing(library):
    assert library.defined("--extern-only") == {}


def test_header(library):
    assert library.kind == DYLIB and library.flags & TWO_LEVEL
    assert library.libraries(mach_o.ID) == ["@rpath/libpinshim.dylib"]
    assert library.oldest_system() == (1, 11, 0)
    assert str(product.PROJECT).encode() not in library.content


def test_is_signed_ad_hoc(library):
    """arm64 runs no code without a signature; each page's hash is recomputed."""
    assert library.signature() & AD_HOC


def test_signature_of_a_changed_page_is_refused(library):
    """The check above sees a change of one byte."""
    changed = bytearray(library.content)
    changed[len(changed) // 2] ^= 1
    with pytest.raises(AssertionError, match="page"):
        mach_o.MachO(bytes(changed), library.path).signature()
