"""The sample of a container, built and run by buildah; and what the how-to does with it."""

import shutil

import attacker
import containers
import debian
import documents
import namespaces
import pki
import product
import pytest

SAMPLE = product.PROJECT / "samples" / "container" / "Containerfile"
HOW_TO = product.PROJECT / "docs" / "howto" / "containers.md"
PRELOAD = "RUN pinshim install-preload"
pytestmark = [
    product.needs_root,
    pytest.mark.skipif(not shutil.which("buildah"), reason="no buildah here"),
]


@pytest.fixture(scope="module")
def storage(prepared, place):
    """A storage with the image that the sample starts from."""
    debian.needs_roots()
    made = containers.Storage(place / "storage")
    made.import_root(prepared, place / "base")
    return made


@pytest.fixture
def context(packages, certificates, tmp_path):
    """The folder that an image is built from."""
    shutil.copy(SAMPLE, tmp_path)
    (tmp_path / "packages").mkdir()
    for package in packages:
        shutil.copy(package, tmp_path / "packages")
    (tmp_path / "policy").mkdir()
    policy = debian.policy(certificates.genuine.pin)
    (tmp_path / "policy" / "pinshim.conf").write_text(policy, encoding="utf-8")
    return tmp_path


class Container:
    """One from an image."""

    def __init__(self, storage, image, certificates):
        self._storage = storage
        self._trusted = f"--volume={certificates.bundle}:/ca.pem:ro"
        self._name = storage.do("from", image)

    def run(self, *words, options=()):
        """A program in it, as the image's user."""
        return self._storage.try_to("run", *options, self._name, "--", *words)

    def ask(self, identity, *options):
        """What curl does in it before a server: its end, and the bytes that the server got."""
        url = f"https://{pki.PINNED}"
        with attacker.Server(identity) as server:
            there = f"{pki.PINNED}:{server.port}:127.0.0.1"
            words = ["curl", "-sS", "-m", "20", "--cacert", "/ca.pem", "--resolve", there]
            done = self.run(
                *words, f"{url}:{server.port}/secret", options=(self._trusted, *options)
            )
            return done, attacker.leaked(server.finish())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._storage.do("rm", self._name)


def assert_protected(container, certificates, *options):
    """From a man in the middle, and from nobody else."""
    done, leaked = container.ask(certificates.attacker, *options)
    assert done.status == 60 and leaked == b"" and done.stdout == "", done
    done, leaked = container.ask(certificates.genuine, *options)
    assert done.status == 0 and b"GET /secret" in leaked, done
    assert done.stdout.encode() == attacker.BODY


def assert_unprotected(container, certificates, *options):
    """The attack works."""
    done, leaked = container.ask(certificates.attacker, *options)
    assert done.status == 0 and b"GET /secret" in leaked, done


def test_container_without_it_is_not_protected(storage, certificates):
    with Container(storage, containers.BASE, certificates) as container:
        assert_unprotected(container, certificates)


def test_programs_of_the_sample_s_image_are_protected(storage, context, certificates):
    """Nobody can leave it out, and what happened is told."""
    storage.do("build", "-q", "-t", "pinned", context)
    with Container(storage, "pinned", certificates) as container:
        assert container.run("id", "-un").stdout == "app\n"
        assert_protected(container, certificates)
        assert_protected(container, certificates, "--env", "LD_PRELOAD=")
        told = container.run("pinshim", "log").stdout
        assert told.count("untrusted-connection") == 2 and pki.PINNED in told


def test_choice_of_the_environment_can_be_left_out(storage, context, certificates):
    text = SAMPLE.read_text(encoding="utf-8")
    assert text.count(PRELOAD) == 1 and text.count("#ENV LD_PRELOAD") == 1
    text = text.replace(PRELOAD, "").replace("#ENV LD_PRELOAD", "ENV LD_PRELOAD")
    (context / SAMPLE.name).write_text(text, encoding="utf-8")
    storage.do("build", "-q", "-t", "chosen", context)
    with Container(storage, "chosen", certificates) as container:
        assert_protected(container, certificates)
        assert_unprotected(container, certificates, "--env", "LD_PRELOAD=")


def test_policy_with_an_error_makes_no_image(storage, context):
    (context / "policy" / "pinshim.conf").write_text("version = 2;\n", encoding="utf-8")
    done = storage.try_to("build", "-q", "-t", "wrong", context)
    assert done.status != 0 and "pinshim.conf:1: error: " in done.output, done


@namespaces.needed
def test_how_to_s_commands_print_what_it_says(storage, place):
    text = HOW_TO.read_text(encoding="utf-8").replace("build/deb", str(product.BUILD / "deb"))
    make = f"-s BUILD={product.BUILD}"
    folder = place / "how-to"
    folder.mkdir()
    before = documents.PRACTICE + documents.BACK
    documents.assert_prints(before + text, folder, **storage.environment, MAKEFLAGS=make)
