"""NSS as Mozilla's own programs bring it, built without libpkix: the path is found by the older verification."""

import pathlib
import struct
import subprocess

import attacker
import evidence
import impostors
import nss_kit
import policies
import product
import pytest

NOT_THERE = "CERT_PKIXVerifyCert"
# Does what is left of a function that a build leaves out: sets PR_NOT_IMPLEMENTED_ERROR, and fails.
STUB = "__CERT_TraversePermCertsForSubject"
CLASS_64, DYNAMIC_SYMBOLS = 2, 11
SECTION, SYMBOL = struct.Struct("=IIQQQQIIQQ"), struct.Struct("=IBBHQQ")


def _system():
    """The installed libnss3."""
    words = ["gcc", "-print-file-name=libnss3.so"]
    found = subprocess.run(words, capture_output=True, text=True, check=True)
    return pathlib.Path(found.stdout.strip()).resolve()


def _sections(data):
    start, size, count = *struct.unpack_from("=Q", data, 40), *struct.unpack_from("=HH", data, 58)
    return [SECTION.unpack_from(data, start + i * size) for i in range(count)]


def _symbols(data):
    """Of a 64-bit file, where the entry of each dynamic symbol stands."""
    sections = _sections(data)
    _, _, _, _, table, size, strings, *_ = next(s for s in sections if s[1] == DYNAMIC_SYMBOLS)
    found = {}
    for at in range(table, table + size, SYMBOL.size):
        name = sections[strings][4] + SYMBOL.unpack_from(data, at)[0]
        found[data[name : data.index(b"\0", name)].decode()] = at
    return found


@pytest.fixture(scope="module")
def without_libpkix(tmp_path_factory):
    """A folder with a copy of libnss3 in which that function's name leads to the stub."""
    data = bytearray(_system().read_bytes())
    if data[4] != CLASS_64:
        pytest.skip("its tables are those of a 32-bit file")
    symbols = _symbols(data)
    name, *_ = SYMBOL.unpack_from(data, symbols[NOT_THERE])
    _, *rest = SYMBOL.unpack_from(data, symbols[STUB])
    SYMBOL.pack_into(data, symbols[NOT_THERE], name, *rest)
    folder = tmp_path_factory.mktemp("without-libpkix")
    (folder / "libnss3.so").write_bytes(data)
    return folder


@pytest.fixture(scope="module")
def cast(tmp_path_factory):
    """The genuine server, and who pretends to be it."""
    return impostors.Cast(tmp_path_factory.mktemp("cast"))


@pytest.fixture
def meet(cast, folder, without_libpkix):
    """One run of the client with that library, and what the server saw."""
    client = nss_kit.Kit(folder, cast)
    loaded = {"LD_LIBRARY_PATH": str(without_libpkix)}

    def once(identity, **settings):
        with attacker.Server(identity, attacker.answer_lines) as server:
            run = client(server.port, extra_environment=loaded, **settings)
            return run, server.finish()

    return once


VERIFICATIONS = ("none", "library", "later")
every_verification = pytest.mark.parametrize("verify", VERIFICATIONS)


@every_verification
@pytest.mark.parametrize("pinned", ("root", "middle"))
def test_pinned_authority_of_the_genuine_path(meet, cast, folder, verify, pinned):
    policy = policies.pinning(folder, getattr(cast, pinned).pin)
    for _ in range(2):
        run, connections = meet(cast.genuine, verify=verify, policy=policy)
        assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run
    run, connections = meet(cast.attacker, verify=verify, policy=policy)
    assert run.line.refused_by_shim and attacker.leaked(connections) == b"", run
    assert {(event["verdict"], event["library"]) for event in policy.events()} == {
        ("pin-mismatch", "nss")
    }


@pytest.mark.parametrize("pinned", ("root", "middle"))
@pytest.mark.parametrize(
    "who",
    (
        "sends_root",
        "cross_signed_once",
        "same_subject",
        "root_of_same_name",
        "other_host",
        "expired",
        "issued_by_leaf",
        "lent_name",
    ),
)
def test_path_that_does_not_verify_is_no_proof(meet, cast, folder, who, pinned):
    """The program itself verifies nothing."""
    policy = policies.pinning(folder, getattr(cast, pinned).pin)
    identity = getattr(cast, who)
    run, connections = meet(identity, verify="none")
    assert run.status == 0 and attacker.leaked(connections) == b"secret.1\n", run
    run, connections = meet(identity, verify="none", policy=policy)
    assert run.line.refused_by_shim and attacker.leaked(connections) == b"", run


@pytest.mark.parametrize("pinned", ("root", "middle"))
def test_path_whose_signature_is_wrong_is_no_proof(meet, cast, folder, pinned):
    policy = policies.pinning(folder, getattr(cast, pinned).pin)
    identity = evidence.with_spoilt_signature(cast.middle.issue())
    for under, leaked in ((None, b"secret.1\n"), (policy, b"")):
        run, connections = meet(identity, verify="none", policy=under)
        assert run.line.refused_by_shim == bool(under), run
        assert attacker.leaked(connections) == leaked


def test_policy_s_own_roots_are_not_trusted(meet, cast, folder):
    """They would have to be put among those of the process: the program must trust them itself."""
    policy = policies.pinning(folder, cast.root.pin, trust=[cast.root.certificate_file])
    settings = {"verify": "none", "ca": cast.proxy_root.certificate_file, "policy": policy}
    run, connections = meet(cast.genuine, **settings)
    assert run.line.refused_by_shim and attacker.leaked(connections) == b"", run
