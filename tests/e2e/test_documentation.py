"""What the documentation says of the tests is true of the tree."""

import re

import product
import pytest

REFERENCE = re.compile(r"`(tests/[\w/]+\.(?:py|c))(?:::(?:(\w+)::)?(\w+))?`")
DEFINITION = {
    ".py": r"^{indent}def {name}\(",
    ".c": r"^START_TEST\({name}\)",
}
DOCUMENTS = sorted([*(product.PROJECT / "docs").rglob("*.md"), *product.PROJECT.glob("*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")

SOURCES = ("config", "shim", "hooks", "tools", "bundle", "agent", "tests/macos")


def body_of(text, group):
    """What stands in a class."""
    found = re.search(rf"^class {group}\b.*?(?=^\S|\Z)", text, re.M | re.S)
    return found[0] if found else ""


def is_there(path, group, name):
    """Is there such a test?"""
    file = product.PROJECT / path
    if not file.is_file():
        return False
    text = file.read_text(encoding="utf-8")
    if group:
        text = body_of(text, group)
    pattern = DEFINITION[file.suffix].format(name=name, indent="    " if group else "")
    return not name or re.search(pattern, text, re.M) is not None


def name_of(document):
    """A document, from the tree's root."""
    return str(document.relative_to(product.PROJECT))


def anchors_of(document):
    """What a heading is called in a link, as GitHub does it."""
    text = re.sub(r"^```.*?^```$", "", document.read_text(encoding="utf-8"), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_nowhere(document, path, anchor):
    """Is there no such file, or no such heading in it?"""
    target = document.parent / path if path else document
    return not target.exists() or (anchor and anchor not in anchors_of(target))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_within_the_tree_leads_somewhere(document):
    links = LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if leads_nowhere(document, *link)] == []


def test_a_dead_link_would_be_noticed():
    (link,) = LINK.findall("[x](policy.md#files)")
    docs = product.PROJECT / "docs" / "README.md"
    assert not leads_nowhere(docs, *link)
    assert leads_nowhere(docs, "policy.md", "nothing")
    assert leads_nowhere(docs, "nothing.md", "")


def test_index_leads_to_every_document():
    index = product.PROJECT / "docs" / "README.md"
    linked = {index.parent / path for path, _ in LINK.findall(index.read_text(encoding="utf-8"))}
    assert [name_of(path) for path in (index.parent).rglob("*.md") if path not in linked] == [
        "docs/README.md"
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_test_that_is_named_exists(document):
    named = REFERENCE.findall(document.read_text(encoding="utf-8"))
    assert [reference for reference in named if not is_there(*reference)] == []


def test_every_sentence_of_the_note_names_a_test():
    """Each row of what is carried out has at least one, by its function."""
    text = (product.PROJECT / "docs" / "maas360.md").read_text(encoding="utf-8")
    done = text.partition("\n## What is carried out\n")[2].partition("\n## ")[0]
    rows = [line for line in done.splitlines() if line.startswith("| ") and "---" not in line]
    rows = [row for row in rows if not row.startswith("| the note |")]
    assert len(rows) >= 25
    assert [row for row in rows if not any(name for _, _, name in REFERENCE.findall(row))] == []


def test_a_missing_test_would_be_noticed():
    assert is_there("tests/e2e/test_documentation.py", "", "test_every_test_that_is_named_exists")
    assert not is_there("tests/e2e/test_documentation.py", "", "test_of_nothing")
    assert not is_there("tests/e2e/test_documentation.py", "TestNone", "is_there")
    assert not is_there("tests/e2e/test_nothing.py", "", "")


def is_no_source(name):
    """Is there no file of this name or path, `*` for anything, in the tree?"""
    return not any(product.PROJECT.glob(name)) and not any(
        any((product.PROJECT / folder).rglob(name)) for folder in SOURCES
    )


def test_every_source_that_the_architecture_names_exists():
    text = (product.PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w/*]+\.(?:c|h|def|py))`", text))
    assert len(named) > 50 and [name for name in sorted(named) if is_no_source(name)] == []


def test_missing_source_would_be_noticed():
    assert not is_no_source("shim/judge.c") and not is_no_source("machine_*.c")
    assert is_no_source("shim/judges.c") and is_no_source("judges.c")
