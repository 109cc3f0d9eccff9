"""`make install` over an older version, whose image of the policy is of another format."""

import re

import bundles
import documents
import namespaces
import policies
import product
import pytest

pytestmark = [
    namespaces.needed,
    pytest.mark.skipif(bool(product.sanitizers()), reason="the runtimes must be preloaded first"),
]
IMAGE = "/var/lib/pinshim/policy.cdb"

# The number of the format, behind the magic and the byte order.
OTHER_FORMAT = f"""```sh
/usr/bin/python3 - <<END
with open("{IMAGE}", "r+b") as image:
    image.seek(image.read().index(b"pinshim policy\\\\n\\\\0") + 16 + 4)
    image.write((0xffff).to_bytes(4, "little"))
END
pinshim check {IMAGE}
sha256sum {IMAGE}
```
"""
CHECK = f"pinshim check {IMAGE} && echo fine"
SUM = f"sha256sum {IMAGE}"


def play(folder, *blocks):
    """What each of these blocks of commands prints, on a machine of its own."""
    text = "".join(block if "```" in block else f"```sh\n{block}\n```\n" for block in blocks)
    done, printed = documents.play(text, folder, MAKEFLAGS=f"-s BUILD={product.BUILD}")
    assert len(printed) == len(blocks), done
    return printed


def written(text):
    """The block that writes the policy."""
    return f"cat > /etc/pinshim/pinshim.conf <<'END'\n{text}END"


OLDER = ("make install", written(policies.TEXT), "pinshim compile", OTHER_FORMAT)
SAYS = f"this version can't read {IMAGE}; making it anew:"


def test_image_of_another_format_is_made_anew(open_folder):
    *_, outdated, again, check = play(open_folder, *OLDER, "make install", CHECK)
    assert "the image is of another version" in outdated[0], outdated
    assert again[0] == f"{SAYS} /usr/local/bin/pinshim compile"
    assert check[-1] == "fine"


def test_image_that_can_be_read_is_left_alone(open_folder):
    """What the administrator has written since isn't in force before it is compiled."""
    other = written("version = 1;\n")
    *_, before, again, after = play(open_folder, *OLDER[:3], other, SUM, "make install", SUM)
    assert again == [] and before == after


def test_policy_with_an_error_leaves_the_image_as_it_was(open_folder):
    bad = written("version = 1;\nnonsense = 1;\n")
    *_, before, again, after = play(open_folder, *OLDER, bad, SUM, "make install", SUM)
    assert "nonsense: unknown key" in "\n".join(again)
    assert again[-1] == (
        "protected programs have no TLS connection until '/usr/local/bin/pinshim compile' succeeds"
    )
    assert before == after


def test_library_in_use_is_replaced_in_one_step(open_folder):
    """A program that starts meanwhile would run without it: by /etc/ld.so.preload, every one."""
    library = "/usr/local/lib/$(gcc -print-multiarch)/pinshim/libpinshim.so"
    traced = f"strace -f -qq -o trace -P {library} make install"
    *_, steps = play(open_folder, "make install", "cd /root", f"{traced} -C ~-", "cat trace")
    changes = [step for step in steps if not re.search(r"stat|access|O_RDONLY|readlink", step)]
    assert changes and all("rename" in change for change in changes), steps


def test_staged_installation_is_not_of_this_system(open_folder):
    staged = "make install DESTDIR=/root/staged && find /root/staged -name libpinshim.so"
    *_, before, again, after = play(open_folder, *OLDER, SUM, staged, SUM)
    assert len(again) == 1 and again[0].startswith("/root/staged/usr/local/lib/"), again
    assert before == after


def test_image_of_a_bundle_is_made_anew_of_the_bundle(open_folder, tmp_path):
    """Not of the device's own text, which pins nothing."""
    key = bundles.new_key(tmp_path)
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "pinshim.conf").write_text(policies.TEXT)
    bundle = bundles.make(open_folder / "bundle", tmp_path / "policy", key)
    agent = f'agent = {{ url = "https://policy.example/bundle"; public_key = "{key.text}"; }};\n'
    own = written(f"version = 1;\n{agent}")
    install = f"pinshim-agent install {open_folder / 'bundle'}"
    explain = f"pinshim explain --config {IMAGE} pinned.example"
    blocks = ("make install", own, install, explain, OTHER_FORMAT, "make install", explain)
    *_, before, _, again, after = play(open_folder, *blocks)
    assert again[0].startswith(f"{SAYS} /usr/local/sbin/pinshim-agent install"), again
    assert before == after and policies.PIN in "\n".join(after)
