"""What a Mach-O file says of itself, read by ourselves (<mach-o/loader.h>, <mach-o/fat.h>) and by LLVM's tools."""

import dataclasses
import functools
import hashlib
import re
import struct
import subprocess

ARCHITECTURES = {0x0100000C: "arm64", 0x01000007: "x86_64"}
SEGMENT, ID, LOAD, BUILD_VERSION, SIGNATURE = 0x19, 0x0D, 0x0C, 0x32, 0x1D


def slices(path):
    """Each architecture's part of a universal file."""
    whole = path.read_bytes()
    magic, count = struct.unpack_from(">II", whole)
    assert magic == 0xCAFEBABE
    found = {}
    for i in range(count):
        kind, _, offset, size, _ = struct.unpack_from(">IIIII", whole, 8 + 20 * i)
        found[ARCHITECTURES[kind]] = whole[offset : offset + size]
    return found


def _text(raw):
    return raw.split(b"\0", 1)[0].decode()


@dataclasses.dataclass
class Section:
    """Where a section is, in memory and in the file."""

    address: int
    size: int
    offset: int


class MachO:
    """One architecture's object, also written to a file of its own for LLVM's tools."""

    def __init__(self, content, path):
        self.content, self.path = content, path
        path.write_bytes(content)
        magic, _, _, self.kind, count, _, self.flags, _ = struct.unpack_from("<8I", content)
        assert magic == 0xFEEDFACF
        self.commands, at = [], 32
        for _ in range(count):
            command, size = struct.unpack_from("<II", content, at)
            self.commands.append((command & 0x7FFFFFFF, content[at : at + size]))
            at += size

    def of_kind(self, kind):
        """The load commands of a kind."""
        return [raw for command, raw in self.commands if command == kind]

    def libraries(self, kind=LOAD):
        """The names of the libraries it needs, or its own (ID)."""
        return [_text(raw[struct.unpack_from("<I", raw, 8)[0] :]) for raw in self.of_kind(kind)]

    def oldest_system(self):
        """(platform, major, minor) it is built for; platform 1 is macOS."""
        (raw,) = self.of_kind(BUILD_VERSION)
        platform, version = struct.unpack_from("<II", raw, 8)
        return platform, version >> 16, version >> 8 & 0xFF

    def section(self, segment, name):
        """A section; None."""
        for raw in self.of_kind(SEGMENT):
            for i in range(struct.unpack_from("<I", raw, 64)[0]):
                found, owner, address, size, offset = struct.unpack_from(
                    "<16s16sQQI", raw, 72 + 80 * i
                )
                if (_text(owner), _text(found)) == (segment, name):
                    return Section(address, size, offset)
        return None

    def _tool(self, *command):
        return subprocess.run(
            [*command, self.path], capture_output=True, text=True, check=True
        ).stdout

    @functools.cached_property
    def binds(self):
        """What dyld binds when it loads the object: {address: (library, symbol, weak)}."""
        rows = re.findall(
            r"^\S+\s+\S+\s+0x([0-9A-F]+) pointer\s+0 (\S+)\s+_(\S+)( \(weak_import\))?$",
            self._tool("llvm-objdump-14", "--macho", "--bind"),
            re.MULTILINE,
        )
        return {int(a, 16): (library, symbol, bool(weak)) for a, library, symbol, weak in rows}

    def undefined(self):
        """Its imports: {name: "libSystem", or None where any library may have it}."""
        rows = re.findall(
            r"\(undefined\) .*external _?(\S+) \((?:from (\S+)|dynamically looked up)\)",
            self._tool("llvm-nm-14", "-m", "-u"),
        )
        return {name: library or None for name, library in rows}

    def defined(self, *options):
        """Its own symbols: {name: address}."""
        rows = re.findall(
            r"^([0-9a-f]{16}) . _(\S+)$",
            self._tool("llvm-nm-14", "--defined-only", *options),
            re.MULTILINE,
        )
        return {name: int(address, 16) for address, name in rows}

    def signature(self):
        """The code signature's flags, once every page has the hash that it says."""
        (raw,) = self.of_kind(SIGNATURE)
        start, _ = struct.unpack_from("<II", raw, 8)
        magic, _, count = struct.unpack_from(">III", self.content, start)
        assert magic == 0xFADE0CC0
        blobs = dict(
            struct.unpack_from(">II", self.content, start + 12 + 8 * i) for i in range(count)
        )
        at = start + blobs[0]  # the code directory
        magic, _, _, flags, hashes, _, _, pages, limit, size, kind, _, page = struct.unpack_from(
            ">9I4B", self.content, at
        )
        assert magic == 0xFADE0C02 and limit == start
        assert (size, kind, pages) == (32, 2, -(-limit >> page))
        for i in range(pages):
            piece = self.content[i << page : min((i + 1) << page, limit)]
            said = self.content[at + hashes + 32 * i : at + hashes + 32 * (i + 1)]
            assert hashlib.sha256(piece).digest() == said, f"page {i}"
        return flags
