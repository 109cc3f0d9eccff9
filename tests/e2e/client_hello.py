"""What can be compared of two ClientHello messages (RFC 8446, 4.1.2): all but the random parts."""

import dataclasses
import socket
import struct

PADDING, PRE_SHARED_KEY = 21, 41


@dataclasses.dataclass(frozen=True)
class Summary:
    """Lengths, ciphers, and the extensions in their order with the length of each."""

    length: int
    session_id_length: int
    ciphers: tuple
    extensions: tuple

    @property
    def offers_session(self):
        """True where it offers to resume a TLS 1.3 session, or brings a key of its own."""
        return any(kind == PRE_SHARED_KEY for kind, _ in self.extensions)


def peek(client):
    """The summary of the record that waits in a socket, and stays there; None where it is none."""
    header = client.recv(5, socket.MSG_PEEK | socket.MSG_WAITALL)
    if len(header) < 5 or header[0] != 22:
        return None
    length = struct.unpack("!H", header[3:5])[0]
    record = client.recv(5 + length, socket.MSG_PEEK | socket.MSG_WAITALL)
    return parse(record[5:]) if len(record) == 5 + length else None


def parse(message):
    """The summary of a ClientHello."""
    at = 4 + 2 + 32
    session_id_length = message[at]
    at += 1 + session_id_length
    size = struct.unpack_from("!H", message, at)[0]
    ciphers = struct.unpack_from(f"!{size // 2}H", message, at + 2)
    at += 2 + size
    at += 1 + message[at]
    end = at + 2 + struct.unpack_from("!H", message, at)[0]
    at += 2
    extensions = []
    while at < end:
        kind, size = struct.unpack_from("!HH", message, at)
        extensions.append((kind, size))
        at += 4 + size
    return Summary(len(message), session_id_length, ciphers, tuple(extensions))
