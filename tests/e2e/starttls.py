"""What servers of other protocols than HTTP say: before TLS, as far as it begins, and within.

A dialogue is what attacker.Server needs for it. Every server says yes to everything.
"""

import dataclasses
import typing

import attacker

TLS_FOLLOWS, GONE = True, False


@dataclasses.dataclass(frozen=True)
class Dialogue:
    """`before`: what is said before TLS; `within`: what is said then."""

    within: typing.Callable
    before: typing.Callable = None

    def server(self, identity, **options):
        """A counting server that speaks so."""
        return attacker.Server(identity, self.within, before=self.before, **options)


def _lines(stream):
    """Each line that comes, until the client goes."""
    waiting = b""
    while data := stream.read():
        *lines, waiting = (waiting + data).split(b"\n")
        yield from (line.rstrip(b"\r").decode() for line in lines)


def _verb(line):
    return line.split(" ")[0].upper()


def _until_dot(lines):
    return next((line for line in lines if line == "."), None)


_SMTP_FEATURES = "250-test\r\n250-{more}\r\n250 AUTH PLAIN LOGIN\r\n"
_SMTP_REPLIES = {
    "EHLO": _SMTP_FEATURES.format(more="8BITMIME"),
    "AUTH": "235 ok\r\n",
    "DATA": "354 go on\r\n",
    "QUIT": "221 bye\r\n",
}


def _smtp_before(stream):
    stream.write(b"220 test ESMTP\r\n")
    for line in _lines(stream):
        verb = _verb(line)
        replies = {**_SMTP_REPLIES, "EHLO": _SMTP_FEATURES.format(more="STARTTLS")}
        stream.write(replies.get(verb, "220 go on\r\n").encode())
        if verb == "STARTTLS":
            return TLS_FOLLOWS
    return GONE


def _smtp_within(stream):
    lines = _lines(stream)
    for line in lines:
        verb = _verb(line)
        stream.write(_SMTP_REPLIES.get(verb, "250 ok\r\n").encode())
        if verb == "DATA":
            _until_dot(lines)
            stream.write(b"250 ok\r\n")
        if verb == "QUIT":
            break
    stream.end()


def _smtps_within(stream):
    stream.write(b"220 test ESMTP\r\n")
    _smtp_within(stream)


def _imap_reply(line, features):
    tag, command, *_ = [*line.split(" "), ""]
    untagged = {
        "CAPABILITY": f"* CAPABILITY IMAP4rev1 {features}\r\n",
        "SELECT": "* 0 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1] ok\r\n",
        "LOGOUT": "* BYE bye\r\n",
    }.get(command.upper(), "")
    return f"{untagged}{tag} OK done\r\n".encode(), command.upper()


def _imap_before(stream):
    stream.write(b"* OK IMAP4rev1 ready\r\n")
    for line in _lines(stream):
        reply, command = _imap_reply(line, "STARTTLS AUTH=PLAIN")
        stream.write(reply)
        if command == "STARTTLS":
            return TLS_FOLLOWS
    return GONE


def _imap_within(stream):
    for line in _lines(stream):
        reply, command = _imap_reply(line, "")
        stream.write(reply)
        if command == "LOGOUT":
            break
    stream.end()


def _imaps_within(stream):
    stream.write(b"* OK IMAP4rev1 ready\r\n")
    _imap_within(stream)


_FTP_REPLIES = {
    "AUTH": "234 go on\r\n",
    "USER": "331 who says so?\r\n",
    "PASS": "230 ok\r\n",
    "PWD": '257 "/"\r\n',
    "STOR": "150 go on\r\n",
    "QUIT": "221 bye\r\n",
}


def _ftp_before(stream):
    stream.write(b"220 test\r\n")
    for line in _lines(stream):
        stream.write(_FTP_REPLIES.get(_verb(line), "200 ok\r\n").encode())
        if _verb(line) == "AUTH":
            return TLS_FOLLOWS
    return GONE


def _ftp_within(stream, data_port=0):
    """`data_port`: where it sends its clients with their files."""
    high, low = divmod(data_port, 256)
    replies = {**_FTP_REPLIES, "PASV": f"227 there (127,0,0,1,{high},{low})\r\n"}
    for line in _lines(stream):
        verb = _verb(line)
        stream.write(replies.get(verb, "200 ok\r\n").encode())
        if verb == "STOR":
            stream.write(b"226 got it\r\n")
        if verb == "QUIT":
            break
    stream.end()


def _ftps_within(stream):
    stream.write(b"220 test\r\n")
    _ftp_within(stream)


def ftp_with_data_at(port):
    """FTP whose files go to another port."""
    return Dialogue(lambda stream: _ftp_within(stream, port), _ftp_before)


_SSL_REQUEST = b"\0\0\0\x08\x04\xd2\x16\x2f"  # PostgreSQL's documentation, 55.7, SSLRequest
_READY = b"Z\0\0\0\x05I"


def _postgresql_before(stream):
    if stream.read() != _SSL_REQUEST:
        return GONE
    stream.write(b"S")
    return TLS_FOLLOWS


def _postgresql_within(stream):
    """Asks for the password, and has done whatever it is asked for."""
    stream.read()  # the start-up message: user, database
    stream.write(b"R\0\0\0\x08\0\0\0\x03")  # AuthenticationCleartextPassword
    stream.read()
    stream.write(b"R\0\0\0\x08\0\0\0\0" + _READY)
    while stream.read()[:1] == b"Q":
        stream.write(b"C\0\0\0\x08SET\0" + _READY)
    stream.end()


def _mqtt_within(stream):
    """Accepts whoever comes (MQTT 3.1.1, 3.2), and listens."""
    stream.read()
    stream.write(b"\x20\x02\0\0")
    while stream.read():
        pass
    stream.end()


def _redis_within(stream):
    while stream.read():
        stream.write(b"+OK\r\n")
    stream.end()


def _git_within(stream):
    """Smart HTTP's answer of a repository that has nothing (gitprotocol-http(5))."""
    attacker.answer_http(
        stream,
        b"001e# service=git-upload-pack\n00000000",
        b"application/x-git-upload-pack-advertisement",
    )


def _ldap_reply(message, operation):
    """Success (RFC 4511, 4.1.9)."""
    return bytes([0x30, 0x0C, 2, 1, message, operation, 7, 10, 1, 0, 4, 0, 4, 0])


_LDAP_REPLIES = {0x60: 0x61, 0x63: 0x65, 0x77: 0x78}  # bind, search, extended


def _ldap_answer(stream):
    """The answer to one request of a client that waits for each; False at its end."""
    request = stream.read()
    reply = _LDAP_REPLIES.get(request[5]) if len(request) > 5 else None
    if reply:
        stream.write(_ldap_reply(request[4], reply))
    return reply is not None


def _ldap_within(stream):
    while _ldap_answer(stream):
        pass
    stream.end()


HTTP = Dialogue(attacker.answer_http)
GIT = Dialogue(_git_within)
LDAP = Dialogue(_ldap_within, _ldap_answer)
LDAPS = Dialogue(_ldap_within)
LINES = Dialogue(attacker.answer_lines)
SMTP = Dialogue(_smtp_within, _smtp_before)
SMTPS = Dialogue(_smtps_within)
IMAP = Dialogue(_imap_within, _imap_before)
IMAPS = Dialogue(_imaps_within)
FTP = Dialogue(_ftp_within, _ftp_before)
FTPS = Dialogue(_ftps_within)
POSTGRESQL = Dialogue(_postgresql_within, _postgresql_before)
MQTT = Dialogue(_mqtt_within)
REDIS = Dialogue(_redis_within)
