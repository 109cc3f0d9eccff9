"""Services that are locked in: filters of system calls, a file system that can't be written, a chroot."""

import os
import shutil

import attacker
import clients
import examination
import kit
import namespaces
import pki
import policies
import processes
import product
import pytest

FILTERED = product.CLIENTS / "filtered"
SECRET = b"secret.1\n"
no_sanitizers = pytest.mark.skipif(
    bool(product.sanitizers()), reason="a sanitizer's runtime needs what a sandbox denies"
)


@pytest.fixture
def policy(folder, certificates):
    """The pinned name's one pin is the genuine leaf."""
    return policies.pinning(folder, certificates.genuine.pin)


def connect(identity, words, env):
    """How the words, which get the port of a server with this identity, ended, and what it was sent."""
    with attacker.Server(identity, attacker.answer_lines) as server:
        done = processes.run(words(server.port), env=env)
        return done, attacker.leaked(server.finish())


def assert_protected(certificates, words, without, under):
    """`without` and `under` are environments without the shim and with it."""
    done, leaked = connect(certificates.attacker, words, without)
    assert leaked == SECRET, done
    done, leaked = connect(certificates.genuine, words, under)
    assert leaked == SECRET, done
    done, leaked = connect(certificates.attacker, words, under)
    assert leaked == b"" and done.status == 1, done


def kit_words(program, bundle, port, *prefix):
    """The kit, as strict as it can be."""
    names = ("--sni", pki.PINNED, "--verify-name", pki.PINNED)
    return [*prefix, program, "--port", port, "--ca", bundle, *names]


# --- filters of system calls


@no_sanitizers
def test_filter_of_system_calls(certificates, folder, policy):
    """The policy is an image: that of a service is installed."""
    image = policies.image_of(policy)

    def words(port):
        return kit_words(kit.KIT, certificates.bundle, port, FILTERED)

    trial = processes.run([FILTERED, "/bin/true"], env=product.environment(folder))
    if trial.status:
        pytest.skip(f"no filters here: {trial.stderr}")
    without, under = product.environment(folder), product.preloaded(folder, image)
    assert_protected(certificates, words, without, under)
    assert policy.event()["verdict"] == "pin-mismatch"


@no_sanitizers
def test_filter_of_system_calls_under_a_text_policy(certificates, folder, policy):
    """Its compiler is loaded within the filter: what that may not do ends in a refusal, never in a leak."""

    def words(port):
        return kit_words(kit.KIT, certificates.bundle, port, FILTERED)

    under = product.preloaded(folder, policy.path)
    done, leaked = connect(certificates.genuine, words, under)
    assert leaked == SECRET, done
    done, leaked = connect(certificates.attacker, words, under)
    assert leaked == b"" and done.status == 1, done


# --- a file system that can't be written, and a folder of its own for temporary files


@pytest.fixture
def service(folder, policy):
    """/var/lib of a service: the library, the program and the installed policy."""
    lib = folder / "lib"
    (lib / "pinshim").mkdir(parents=True)
    shutil.copy(policies.image_of(policy), lib / "pinshim" / "policy.cdb")
    for file in (product.LIBRARY, kit.KIT):
        shutil.copy(file, lib)
    return lib


def locked_in(lib, *more):
    """ProtectSystem=strict and PrivateTmp=yes, as mount(8) says it."""
    script = [
        namespaces.covering("/var/lib", lib),
        "mount -t tmpfs tmpfs /tmp",
        "mount -o remount,bind,ro /var/lib",
        "mount -o remount,bind,ro /",
        *more,
    ]
    return namespaces.inside("\n".join(script))


@namespaces.needed
@no_sanitizers
def test_read_only_system_with_private_temporary_files(certificates, folder, service):
    """The events' file is out of reach: the verdict stands all the same."""
    shutil.copy(certificates.bundle, service / "bundle.pem")

    def words(port):
        place = "/var/lib/kit"
        return kit_words(place, "/var/lib/bundle.pem", port, *locked_in(service))

    without = product.environment(folder)
    under = product.environment(folder, "/var/lib/libpinshim.so")
    assert_protected(certificates, words, without, under)


@namespaces.needed
@no_sanitizers
@examination.readable
def test_status_sees_into_a_sandbox(folder, service):
    """By what the kernel shows: the files that are mapped there aren't those of the same names here."""
    env = product.environment(folder, "/var/lib/libpinshim.so")
    with examination.python(folder, env=env, prefix=locked_in(service)) as program:
        found = examination.row(program.pid)
    assert (found["state"], found["why"]) == ("yes", None)
    assert found["policy"]["version"] == policies.version_of(service / "pinshim" / "policy.cdb")


# --- a chroot that is entered after the start


CHROOTED = """
import os, socket, ssl, sys, time
port, bundle, place, user = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
context = ssl.create_default_context(cafile=bundle)
"x".encode("idna")
os.chroot(place)
os.chdir("/")
if user:
    os.setresuid(user, user, user)
def connect():
    with socket.create_connection(("127.0.0.1", port), 20) as raw:
        with context.wrap_socket(raw, server_hostname=sys.argv[5]) as tls:
            tls.sendall(b"secret.1\\n")
            tls.recv(100)
end = time.monotonic() + 2.5 # the library looks for another policy once a second
while True:
    try:
        connect()
        break
    except ssl.SSLError:
        if time.monotonic() > end:
            raise
"""


def chrooted(certificates, place, user=0):
    """A service that locks itself in before it connects."""

    def words(port):
        arguments = (port, certificates.bundle, place, user, pki.PINNED)
        return [clients.PYTHON, "-c", CHROOTED, *arguments]

    return words


def planted(place, path, image, owner):
    """A policy at the same path within the chroot, as somebody there has made it."""
    there = place / str(path).lstrip("/")
    there.parent.mkdir(parents=True)
    shutil.copy(image, there)
    for made in (there, *there.relative_to(place).parents):
        os.chown(place / made, owner, owner)
    return there


@product.needs_root
@pytest.mark.parametrize("user", (0, 65534))
def test_policy_in_force_stays_in_a_chroot(certificates, folder, policy, user):
    """An empty folder: neither the policy nor the file of events is to be found any more."""
    place = folder / "empty"
    place.mkdir()
    words = chrooted(certificates, place, user)
    under = product.preloaded(folder, policies.image_of(policy))
    assert_protected(certificates, words, product.environment(folder), under)


@product.needs_root
@pytest.mark.parametrize("user", (0, 65534))
def test_named_policy_that_is_planted_in_a_chroot(certificates, folder, policy, user):
    """Whoever may write within the chroot has no say in whom the service trusts."""
    image = policies.image_of(policy)
    place = folder / "root"
    place.mkdir()
    lax = policies.pinning(folder / "lax", certificates.genuine.pin, name=pki.UNPINNED)
    planted(place, image, policies.image_of(lax), 65534)
    words = chrooted(certificates, place, user)
    under = product.preloaded(folder, image)
    assert_protected(certificates, words, product.environment(folder), under)


@namespaces.needed
@no_sanitizers
@pytest.mark.parametrize("user", (0, 65534))
def test_installed_policy_that_is_planted_in_a_chroot(certificates, folder, service, user):
    """Only root replaces an installed policy, there as everywhere."""
    place = folder / "root"
    place.mkdir()
    lax = policies.pinning(folder / "lax", certificates.genuine.pin, name=pki.UNPINNED)
    planted(place, "/var/lib/pinshim/policy.cdb", policies.image_of(lax), 65534)
    inner = chrooted(certificates, place, user)
    prefix = namespaces.inside(namespaces.covering("/var/lib", service))

    def words(port):
        return [*prefix, *inner(port)]

    under = product.environment(folder, "/var/lib/libpinshim.so")
    assert_protected(certificates, words, product.environment(folder), under)
