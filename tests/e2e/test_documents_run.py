"""The commands of the tutorial, of the how-tos and of the README do what stands below them."""

import documents
import namespaces
import product
import pytest

# What a how-to takes for granted. docs/howto/containers.md wants more: tests/packages/test_container.py.
BEFORE = {
    "docs/tutorial.md": "",
    "docs/howto/rotate-a-key.md": documents.PRACTICE,
    "docs/howto/corporate-proxy.md": documents.PRACTICE,
    "docs/howto/ci.md": documents.PRACTICE,
    "docs/howto/ansible.md": documents.PRACTICE + documents.BACK,
    "README.md": "",
}


@namespaces.needed
@pytest.mark.skipif(bool(product.sanitizers()), reason="the runtimes must be preloaded first")
@pytest.mark.parametrize("name", BEFORE)
def test_document_s_commands_print_what_it_says(name, open_folder):
    text = BEFORE[name] + (product.PROJECT / name).read_text(encoding="utf-8")
    # The README's folder is its reader's own; a test has another one, and the build's place is the run's.
    text = text.replace("/tmp/pinning", str(open_folder / "pinning"))
    text = text.replace("$PWD/build", str(product.BUILD))
    documents.assert_prints(text, open_folder, MAKEFLAGS=f"-s BUILD={product.BUILD}")


def test_another_output_would_be_noticed():
    (block,) = documents.blocks_of("```sh\nls\n```\n\n```\none...\n...three\n```\n")
    assert block == ("ls\n", ["one...", "...three"])
    assert documents.missing(block[1], ["zero", "one 1", "two", "2 three"]) is None
    assert documents.missing(block[1], ["2 three", "one 1"]) == "...three"
