"""Peers that a program doesn't name in its handshake: by its look-ups, by address, by their leaf."""

import dataclasses
import subprocess

import attacker
import clients
import pki
import policies
import processes
import product
import pytest

every_version = pytest.mark.parametrize("tls", ("1.2", "1.3"))

# Looks HOST up in some way, connects to what that gave (or to another address that is named), says nothing
# of it in the handshake, and sends a line.
PROGRAM = """
import ctypes, socket, ssl, sys
way, host, port, tls, *more = sys.argv[1:]
libc = ctypes.CDLL(None)
def by_libc(name):
    function = getattr(libc, name)
    function(host.encode(), socket.AF_INET)
    return "127.0.0.1"
ways = {
    "getaddrinfo": lambda: socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)[0][4][0],
    "gethostbyname_r": lambda: socket.gethostbyname_ex(host)[2][0],
    "gethostbyname": lambda: by_libc("gethostbyname"),
    "gethostbyname2": lambda: by_libc("gethostbyname2"),
    "none": lambda: host,
}
address = ways[way]()
for other in more:
    socket.getaddrinfo(other, port)
context = ssl._create_unverified_context()
context.minimum_version = context.maximum_version = ssl.TLSVersion["TLSv" + tls.replace(".", "_")]
plain = socket.create_connection((address, port), 10)
if "memory" in sys.stdin.read():
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secured = context.wrap_bio(incoming, outgoing)
    def until_done(call):
        while True:
            try:
                result = call()
            except ssl.SSLWantReadError:
                plain.sendall(outgoing.read())
                incoming.write(plain.recv(65536))
                continue
            finally:
                plain.sendall(outgoing.read())
            return result
    until_done(secured.do_handshake)
    until_done(lambda: secured.write(b"secret\\n"))
    until_done(lambda: secured.read(100))
else:
    with context.wrap_socket(plain) as secured:
        secured.sendall(b"secret\\n")
        secured.recv(100)
"""


@dataclasses.dataclass(frozen=True)
class Nameless:
    """The program above, with its ways."""

    folder: object
    way: str = "none"
    host: str = "127.0.0.1"
    others: tuple = ()
    memory: bool = False
    tls: str = "1.3"
    prefix: tuple = ()
    server: str = "127.0.0.1"

    def run(self, identity, policy):
        """Once against a server with this identity; what the server got, and how the program ended."""
        with attacker.Server(identity, attacker.answer_lines, address=self.server) as server:
            words = [clients.PYTHON, "-c", PROGRAM, self.way, self.host, server.port, self.tls]
            words += self.others
            env = processes.plain_environment(self.folder)
            if policy:
                words = [*product.under_shim(policy.path), *words]
                env = product.environment(self.folder)
            stdin = "memory" if self.memory else ""
            done = processes.run([*self.prefix, *words], env=env, stdin=stdin)
            return attacker.leaked(server.finish()), done

    def assert_pinned(self, certificates, policy):
        """The man in the middle gets the secret without the shim and nothing with it."""
        assert self.run(certificates.attacker, None)[0] == b"secret\n"
        received, done = self.run(certificates.genuine, policy)
        assert received == b"secret\n" and policy.events() == [], done
        received, done = self.run(certificates.attacker, policy)
        assert received == b"" and "CERTIFICATE_VERIFY_FAILED" in done.stderr, done

    def assert_unpinned(self, certificates, policy):
        """Whoever answers gets it."""
        received, done = self.run(certificates.attacker, policy)
        assert received == b"secret\n" and policy.events() == [], done


@pytest.fixture
def localhost(folder, certificates):
    """A policy that pins the one name that every machine can look up."""
    return policies.pinning(folder, certificates.genuine.pin, name="localhost")


@pytest.fixture
def elsewhere(certificates):
    """Servers whose certificates name nobody that a policy here pins."""

    @dataclasses.dataclass
    class Elsewhere:
        genuine = certificates.intermediate.issue((pki.UNPINNED,), key=certificates.genuine.key)
        attacker = certificates.attacker_root.issue((pki.UNPINNED,))

    return Elsewhere


WAYS = ("getaddrinfo", "gethostbyname", "gethostbyname2", "gethostbyname_r")


@every_version
@pytest.mark.parametrize("memory", (False, True), ids=("socket", "memory"))
@pytest.mark.parametrize("way", WAYS)
def test_name_that_was_looked_up(folder, elsewhere, localhost, way, memory, tls):
    """Also where the TLS library has no socket to ask: the process has but one peer."""
    client = Nameless(folder, way, "localhost", memory=memory, tls=tls)
    client.assert_pinned(elsewhere, localhost)
    assert localhost.event()["host"] == "localhost"


def test_name_in_another_spelling(folder, elsewhere, localhost):
    Nameless(folder, "getaddrinfo", "LocalHost").assert_pinned(elsewhere, localhost)


def test_look_up_comes_before_the_leaf(folder, certificates):
    """The client means the name it looked up, whatever the server calls itself."""
    policy = policies.pinning(folder, certificates.genuine.pin)
    Nameless(folder, "getaddrinfo", "localhost").assert_unpinned(certificates, policy)


def _private_hosts(folder, *names, more=()):
    """The words that run a program with an /etc/hosts of its own; skips where that can't be had. `more`: pairs of
    an address and a name."""
    hosts = folder / "hosts"
    pairs = [*(("127.0.0.1", name) for name in names), *more]
    hosts.write_text("".join(f"{address} {name}\n" for address, name in pairs))
    prefix = ("unshare", "-m", "sh", "-c", f'mount --bind {hosts} /etc/hosts && exec "$@"', "sh")
    if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("needs a mount namespace (root)")
    return prefix


@pytest.mark.parametrize("count", (2, 20))
@pytest.mark.parametrize("first", (True, False), ids=("first", "last"))
def test_each_name_of_an_address_counts(folder, elsewhere, certificates, first, count):
    """The names of strangers that lead to the same address must not hide the pinned one."""
    policy = policies.pinning(folder, certificates.genuine.pin)
    strangers = tuple(f"stranger{i}.test" for i in range(count))
    prefix = _private_hosts(folder, pki.PINNED, *strangers)
    host, *others = (pki.PINNED, *strangers) if first else (*strangers, pki.PINNED)
    client = Nameless(folder, "getaddrinfo", host, others=tuple(others), prefix=prefix)
    client.assert_pinned(elsewhere, policy)


def test_many_names_of_an_address_that_is_nobodys(folder, elsewhere, certificates):
    policy = policies.pinning(folder, certificates.genuine.pin)
    strangers = tuple(f"stranger{i}.test" for i in range(20))
    prefix = _private_hosts(folder, *strangers)
    client = Nameless(folder, "getaddrinfo", strangers[0], others=strangers, prefix=prefix)
    client.assert_unpinned(elsewhere, policy)


@pytest.mark.parametrize("whose", (pki.PINNED, "stranger.test"))
def test_answer_of_a_thousand_addresses_hides_no_name(folder, elsewhere, certificates, whose):
    """A man in the middle who answers look-ups, of the pinned name or of a later one, with all that a message holds."""
    policy = policies.pinning(folder, certificates.genuine.pin)
    more = [(f"127.1.{i >> 8}.{i & 255}", whose) for i in range(2000)]
    prefix = _private_hosts(folder, pki.PINNED, "stranger.test", more=more)
    client = Nameless(folder, "getaddrinfo", pki.PINNED, others=("stranger.test",), prefix=prefix)
    client.assert_pinned(elsewhere, policy)


def test_name_of_another_address(folder, elsewhere, localhost):
    """What was looked up before for elsewhere is not meant."""
    client = Nameless(folder, "none", "127.0.0.2", others=("localhost",), server="127.0.0.2")
    client.assert_unpinned(elsewhere, localhost)


@every_version
@pytest.mark.parametrize("memory", (False, True), ids=("socket", "memory"))
@pytest.mark.parametrize("spelling", ("127.0.0.1", "127.1"))
def test_address(folder, elsewhere, certificates, spelling, memory, tls):
    """An address needs no look-up, and no look-up of an odd spelling makes it a name."""
    policy = policies.pinning(folder, certificates.genuine.pin, name="127.0.0.1")
    client = Nameless(folder, "getaddrinfo", spelling, memory=memory, tls=tls)
    client.assert_pinned(elsewhere, policy)
    assert policy.event()["host"] == "127.0.0.1"


def test_address_comes_before_the_leaf(folder, certificates):
    policy = policies.write(
        folder,
        policies.entry(pki.PINNED, pins=[certificates.genuine.pin]),
        policies.entry("127.0.0.1", pinned=False),
    )
    Nameless(folder).assert_unpinned(certificates, policy)


@every_version
@pytest.mark.parametrize("memory", (False, True), ids=("socket", "memory"))
@pytest.mark.parametrize("entry", (pki.PINNED, "*.cdn.maas360.test"))
def test_names_in_the_leaf(folder, certificates, entry, memory, tls):
    """The last that is known of a peer: a program that compares the name afterwards would take it."""
    policy = policies.pinning(folder, certificates.genuine.pin, name=entry)
    client = Nameless(folder, memory=memory, tls=tls)
    client.assert_pinned(certificates, policy)
    assert policy.event()["rule"] == entry


def test_address_in_the_leaf_is_no_name(folder, certificates):
    """Of several names, those count that are pinned."""
    names = ("192.0.2.7", *(f"host-{i}.example.test" for i in range(300)), pki.PINNED)

    @dataclasses.dataclass
    class Crowded:
        genuine = certificates.intermediate.issue(names, key=certificates.genuine.key)
        attacker = certificates.attacker_root.issue(names)

    policy = policies.pinning(folder, certificates.genuine.pin)
    Nameless(folder).assert_pinned(Crowded, policy)


def test_leaf_that_names_many_entries(folder, certificates):
    """More than can be kept: satisfied by the genuine server, and by nobody else."""
    names = tuple(f"host-{i}.example.test" for i in range(40))

    @dataclasses.dataclass
    class Crowded:
        genuine = certificates.intermediate.issue(names, key=certificates.genuine.key)
        attacker = certificates.attacker_root.issue(names)

    pin = certificates.genuine.pin
    policy = policies.write(folder, *[policies.entry(name, pins=[pin]) for name in names])
    Nameless(folder).assert_pinned(Crowded, policy)


@pytest.mark.parametrize("host", ("localhost", "127.0.0.1"))
@pytest.mark.parametrize(
    "words",
    (
        ("curl", "--insecure", "--silent", "--show-error", "--data", "secret", "https://{}:{}/"),
        ("socat", "-t", "10", "-", "openssl:{}:{},verify=0,no-sni=1"),
        ("openssl", "s_client", "-ign_eof", "-noservername", "-connect", "{}:{}"),
    ),
    ids=("curl", "socat", "s_client"),
)
def test_real_programs(folder, elsewhere, certificates, host, words):
    """curl names a host, but no address, and has no socket that its library knows of."""
    policy = policies.pinning(folder, certificates.genuine.pin, name=host)
    for identity, under, expected in (
        (elsewhere.attacker, None, True),
        (elsewhere.genuine, policy, True),
        (elsewhere.attacker, policy, False),
    ):
        with attacker.Server(identity, attacker.answer_http) as server:
            filled = [word.format(host, server.port) for word in words]
            env = processes.plain_environment(folder)
            if under:
                filled = [*product.under_shim(under.path), *filled]
                env = product.environment(folder)
            stdin = "POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nsecret"
            done = processes.run(filled, env=env, stdin=stdin)
            assert (b"secret" in attacker.leaked(server.finish())) == expected, done
    assert policy.event()["host"] == host
