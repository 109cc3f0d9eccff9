"""pinshim compile: an image, whole or not at all."""

import re
import threading

import policies
import product
import pytest


def test_compile_keeps_the_image_before(policy_file, image_file):
    first = image_file.read_bytes()
    before = image_file.with_name("policy.cdb~")
    assert not before.exists()
    policy_file.write_text(policies.TEXT.replace("pinned.example", "other.example"))
    assert product.pinshim("compile", "-o", image_file, policy_file).returncode == 0
    assert before.read_bytes() == first != image_file.read_bytes()
    assert image_file.stat().st_mode & 0o7777 == 0o644
    assert (
        product.pinshim("compile", "-o", image_file, policy_file).returncode == 0
    )  # IMAGE and IMAGE~ have been one file
    assert sorted(p.name for p in image_file.parent.iterdir()) == [
        "pinshim.conf",
        "policy.cdb",
        "policy.cdb~",
    ]


def test_a_bad_policy_leaves_the_image_alone(bad_policy_file, image_file):
    first = image_file.read_bytes()
    result = product.pinshim("compile", "-o", image_file, bad_policy_file)
    assert result.returncode == 1
    assert f"{bad_policy_file}:2: error: " in result.stderr
    assert image_file.read_bytes() == first
    assert sorted(p.name for p in image_file.parent.iterdir()) == [
        "bad.conf",
        "pinshim.conf",
        "policy.cdb",
    ]


def test_a_damaged_image_does_not_replace_the_one_before(policy_file, image_file):
    assert product.pinshim("compile", "-o", image_file, policy_file).returncode == 0
    before = image_file.with_name("policy.cdb~")
    sound = before.read_bytes()
    image_file.write_bytes(image_file.read_bytes())  # a file of its own again
    policies.damage(image_file)
    assert product.pinshim("compile", "-o", image_file, policy_file).returncode == 0
    assert before.read_bytes() == sound


@pytest.mark.parametrize(
    "target", ["no/such/folder/policy.cdb", "folder", "link", "folder/", "/dev/null"]
)
def test_an_image_that_cannot_be_written(target, policy_file, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("pinshim.conf")
    result = product.pinshim("compile", "-o", target, policy_file, cwd=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert re.fullmatch(r"pinshim compile: .*\n", result.stderr)
    assert policy_file.read_text() == policies.TEXT


def test_a_reader_never_finds_a_broken_image(policy_file, image_file):
    stop = threading.Event()
    statuses = []

    def read():
        while not stop.is_set():
            statuses.append(product.pinshim("check", image_file).returncode)

    reader = threading.Thread(target=read)
    reader.start()
    for i in range(30):
        policy_file.write_text(policies.TEXT.replace("pinned.example", f"host{i}.example"))
        assert product.pinshim("compile", "-o", image_file, policy_file).returncode == 0
    stop.set()
    reader.join()
    assert statuses and not any(statuses)
