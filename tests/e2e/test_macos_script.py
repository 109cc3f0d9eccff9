"""The script for the first person with a Mac, shown here with the library for Linux: it tells right from wrong."""

import os
import re

import processes
import product
import pytest

SCRIPTS = product.PROJECT / "tests" / "macos"

pytestmark = pytest.mark.skipif(
    bool(product.sanitizers()), reason="a sanitized library needs its runtimes before it"
)


def run(folder, script, *arguments):
    env = os.environ | {"PINSHIM": str(product.PINSHIM)}
    return processes.run([SCRIPTS / script, folder, *arguments], env=env)


@pytest.fixture
def prepared(folder):
    """What goes to the Mac."""
    place = folder / "for-the-mac"
    done = run(place, "prepare.sh", product.LIBRARY)
    assert done.status == 0, done
    return place


def outcomes(done):
    """How many claims passed, failed, were skipped."""
    return tuple(
        len(re.findall(rf"^{word} ", done.stdout, re.MULTILINE))
        for word in ("PASS", "FAIL", "SKIP")
    )


def test_every_claim_holds_with_the_library(prepared):
    done = run(prepared, "run-on-a-mac.sh")
    assert (done.status, outcomes(done)) == (0, (16, 0, 2)), done


def test_a_library_that_does_nothing_fails_the_claims_of_refusal(prepared):
    (prepared / "libpinshim.so").unlink()
    done = run(prepared, "run-on-a-mac.sh")
    assert done.status == 1 and outcomes(done) == (13, 3, 2), done
    assert len(re.findall(r"^FAIL .* refuses another server", done.stdout, re.MULTILINE)) == 3


def test_no_private_key_of_the_root_is_left(prepared):
    assert not (prepared / "root.key").exists()
