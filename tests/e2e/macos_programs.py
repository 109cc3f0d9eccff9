"""Programs of macOS, made by Debian's clang and lld, which signs them ad hoc, and signed otherwise by hand."""

import functools
import shutil
import struct
import subprocess

import pytest

RESTRICT, LIBRARY_VALIDATION, HARDENED = 0x800, 0x2000, 0x10000
VARIABLES = "com.apple.security.cs.allow-dyld-environment-variables"
LIBRARIES = "com.apple.security.cs.disable-library-validation"

LINKER = "ld64.lld-14"
STUB = """--- !tapi-tbd
tbd-version: 4
targets: [ x86_64-macos, arm64-macos ]
install-name: '/usr/lib/libSystem.B.dylib'
exports:
  - targets: [ x86_64-macos, arm64-macos ]
    symbols: [ dyld_stub_binder ]
...
"""
SIGNATURE, CODE_DIRECTORY, ENTITLEMENTS, ENTITLEMENTS_DER = 0x1D, 0, 5, 7


def program(folder, architecture="arm64", *options):
    """A program that does nothing: its bytes."""
    if not shutil.which(LINKER):
        pytest.skip(f"{LINKER} isn't installed: `make macos` does that")
    source, made, stub = folder / "nothing.c", folder / "nothing", folder / "libSystem.tbd"
    source.write_text("int main(void) { return 0; }\n")
    stub.write_text(STUB)
    run = functools.partial(subprocess.run, check=True)
    run(
        [
            "clang",
            "-target",
            f"{architecture}-apple-macos11.0",
            "-c",
            source,
            "-o",
            folder / "nothing.o",
        ]
    )
    system = ["-platform_version", "macos", "11.0", "11.0", "-adhoc_codesign"]
    run([LINKER, "-arch", architecture, *system, *options, folder / "nothing.o", stub, "-o", made])
    return made.read_bytes()


def _signature(content):
    """Where its load command is, and the signature's own place."""
    count, at = struct.unpack_from("<I", content, 16)[0], 32
    for _ in range(count):
        command, size = struct.unpack_from("<II", content, at)
        if command == SIGNATURE:
            return at, struct.unpack_from("<I", content, at + 8)[0]
        at += size
    raise AssertionError("no signature")


def text_entitlements(names, value="<true/>"):
    """A signature's entitlements, as a property list."""
    listed = "".join(f"\t<key>{name}</key>\n\t{value}\n" for name in names)
    text = f'<plist version="1.0">\n<dict>\n{listed}</dict>\n</plist>\n'.encode()
    return ENTITLEMENTS, struct.pack(">II", 0xFADE7171, 8 + len(text)) + text


def _der(tag, content):
    size = len(content)
    head = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + head + content


def der_entitlements(names, value=b"\xff"):
    """The same in DER, among others."""
    pairs = [("com.apple.application-identifier", _der(0x0C, b"x" * 150))]
    pairs += [(name, _der(0x01, value)) for name in names]
    listed = b"".join(_der(0x30, _der(0x0C, name.encode()) + granted) for name, granted in pairs)
    whole = _der(0x70, _der(0x02, b"\x01") + _der(0xB0, listed))
    return ENTITLEMENTS_DER, struct.pack(">II", 0xFADE7172, 8 + len(whole)) + whole


def signed(content, flags=0, entitlements=(), value="<true/>"):
    """The same program, signed with these flags and entitlements."""
    return signed_with(content, flags, text_entitlements(entitlements, value))


def signed_with(content, flags, *blobs):
    """The same program, signed with these flags, and what a signature holds beside: (slot, bytes)."""
    command, start = _signature(content)
    (first,) = struct.unpack_from(">I", content, start + 16)
    (length,) = struct.unpack_from(">I", content, start + first + 4)
    directory = bytearray(content[start + first : start + first + length])
    struct.pack_into(">I", directory, 12, flags | 0x2)
    parts = [(CODE_DIRECTORY, bytes(directory)), *blobs]
    at, table, body = 12 + 8 * len(parts), b"", b""
    for slot, blob in parts:
        table += struct.pack(">II", slot, at + len(body))
        body += blob
    whole = struct.pack(">3I", 0xFADE0CC0, at + len(body), len(parts)) + table + body
    changed = bytearray(content[:start]) + whole
    struct.pack_into("<I", changed, command + 12, len(whole))
    return bytes(changed)


def universal(*parts):
    """One file of several programs, arm64 and x86_64."""
    kinds, at = (0x0100000C, 0x01000007), 0x4000
    header, body = struct.pack(">II", 0xCAFEBABE, len(parts)), b""
    for kind, part in zip(kinds, parts):
        header += struct.pack(">5I", kind, 0, at + len(body), len(part), 14)
        body += part + b"\0" * (-len(part) % 0x4000)
    return header.ljust(at, b"\0") + body
