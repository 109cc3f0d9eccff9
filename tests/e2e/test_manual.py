"""The manual says what the program says: options, keys and their types, and nothing else."""

import re

import processes
import product
import pytest

PAGES = product.PROJECT / "docs" / "man"
NAMES = sorted(path.stem for path in PAGES.glob("*.scd"))
SUBCOMMANDS = re.findall(
    r'^    \{"([a-z-]+)", \w+_main,', (product.PROJECT / "tools" / "main.c").read_text(), re.M
)
PARTS = ("create", "sign", "verify", "show", "key")


def page(name):
    """A page as it is written."""
    return (PAGES / f"{name}.scd").read_text(encoding="utf-8")


# --- The pages themselves


@pytest.mark.parametrize("name", NAMES)
def test_page_renders_without_a_warning(name):
    done = processes.run(
        ["groff", "-ww", "-t", "-man", "-Tutf8", product.BUILD / "man" / name],
        env=processes.plain_environment("/nonexistent"),
    )
    assert done.status == 0 and done.stderr == ""
    assert "SEE ALSO" in re.sub("\x1b\\[[0-9;]*m|.\b", "", done.stdout)


def test_pages_lead_to_each_other():
    """What a page of ours is called elsewhere exists, and each is named somewhere."""
    named = set()
    for name in NAMES:
        named |= {
            f"{title}.{section}"
            for title, section in re.findall(r"\*([\w.-]*pinshim[\w.-]*)\*\((\d)\)", page(name))
        }
    assert named == set(NAMES)


# --- Options


def options_of(text):
    """As the help and the manual spell them at the start of a line: -j, --json."""
    lines = re.findall(r"^ {0,6}((?:-\w, +)?--[a-z][a-z-]*)(?=\s)", text.replace("*", ""), re.M)
    return {re.sub(r"\s+", " ", line) for line in lines} - {"-h, --help", "-V, --version"}


def sections():
    """The part of pinshim(1) of each subcommand."""
    found = re.findall(r"^## pinshim (.+?)\n(.*?)(?=^#)", page("pinshim.1"), re.M | re.S)
    return dict(found)


def test_every_subcommand_has_a_section():
    assert len(SUBCOMMANDS) >= 12
    wanted = [name for name in SUBCOMMANDS if name != "bundle"]
    assert set(sections()) == {*wanted, *(f"bundle {part}" for part in PARTS)}


@pytest.mark.parametrize("name", sections())
def test_manual_has_the_options_of_the_help(name):
    done = product.pinshim(*name.split(), "--help")
    assert done.returncode == 0
    assert options_of(sections()[name]) == options_of(done.stdout)


def test_every_option_s_letter_stands_in_the_synopsis():
    """The forms at the top are those of the sections."""
    synopsis = page("pinshim.1").partition("# SYNOPSIS\n")[2].partition("\n# ")[0].replace("*", "")
    for name, text in sections().items():
        lines = "\n".join(re.findall(rf"^pinshim {name}\b.*$", synopsis, re.M))
        for option in options_of(text):
            assert re.search(rf"(?<![\w-]){option.split(', ')[0]}\b", lines), (name, option)


def test_manual_of_the_agent_has_its_options():
    done = product.run(
        [product.BUILD / "pinshim-agent", "--help"], env=product.command_environment()
    )
    assert done.returncode == 0
    text = page("pinshim-agent.8").replace("*", "")
    for option in re.findall(r"^  (-\w, --\w+)", done.stdout, re.M):
        assert f"\n{option}\n" in text


# --- Keys

# Where the group or list stands whose members a table of config/ lists.
PLACES = {
    "root_keys": None,  # one of each file of the source
    "part_keys": "",  # a part of pinshim.conf's
    "device_keys": "device.",
    "trust_keys": "trust.",
    "events_keys": "events.",
    "local_proxy_keys": "local_proxy.",
    "message_keys": "messages[].",
    "agent_keys": "agent.",
    "domain_keys": "domains[].",
    "persona_keys": "persona.",
    "workplace_keys": "persona.workplace.",
    "security_keys": "persona.workplace.security.",
    "inspection_keys": "persona.workplace.security.use_ssl_inspection_in_corporate_network.",
}

# What the program calls a type where it finds another.
TYPES = {
    "a string, in quotation marks": "string",
    "true or false": "boolean",
    "a whole number": "integer",
    "a group: { ... }": "group",
    "a list of groups: ( { ... } )": "list of groups",
    'a list of strings: [ "..." ]': "list of strings",
    "a string, or a list of strings": "string or list of strings",
}


def accepted_keys():
    """Every key that the tables of config/ accept."""
    found = set()
    for source in (product.PROJECT / "config").glob("*.c"):
        tables = re.findall(r"struct key (\w+)\[\] = \{(.*?)\};", source.read_text(), re.S)
        for table, rows in tables:
            place = PLACES[table] or ""
            found |= {place + key for key in re.findall(r'\{"(\w+)", KEY_', rows)}
    return found


def documented_keys():
    """Each key of pinshim.conf(5), with its type."""
    return dict(re.findall(r"^\*([\w.\[\]]+)\* \(([\w ]+)\)$", page("pinshim.conf.5"), re.M))


def wrong(path):
    """The text of a file in which a key has a value that no key has: a broken number."""
    *groups, key = path.split(".")
    text = f"{key} = 0.5;"
    for name in reversed(groups):
        is_list = name.endswith("[]")
        text = f"{name[:-2]} = ( {{ {text} }} );" if is_list else f"{name} = {{ {text} }};"
    return text


def test_manual_has_every_key_that_is_accepted():
    assert set(documented_keys()) == accepted_keys()


def test_policy_md_has_every_key():
    text = (product.PROJECT / "docs" / "policy.md").read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"^```\n(.*?)^```", text, re.M | re.S))
    shown = set(re.findall(r"\b(\w+) =", code))
    assert shown == {re.split(r"[.\]]", key)[-1] for key in accepted_keys()}


@pytest.mark.parametrize("key", sorted(documented_keys()))
def test_program_expects_the_type_that_the_manual_says(key, policy_file, tmp_path):
    file = policy_file
    if key.startswith("persona"):
        file = tmp_path / "persona.d" / "0.conf"
        file.parent.mkdir()
    file.write_text(wrong(key) + "\n")
    done = product.pinshim("check", policy_file)
    assert done.returncode == 1
    where = re.escape(key.replace("[]", "[0]"))
    told = re.search(
        rf"^{re.escape(str(file))}:1: error: {where}: expected (.*)$", done.stderr, re.M
    )
    assert told and TYPES[told[1]] == documented_keys()[key], done.stderr


def test_key_that_is_not_in_the_manual_is_refused(policy_file):
    """The twin: by the same question."""
    policy_file.write_text(wrong("events.colour") + "\n")
    assert "events.colour: unknown key" in product.pinshim("check", policy_file).stderr


def test_examples_of_the_manual_are_good(tmp_path):
    examples = page("pinshim.conf.5").partition("# EXAMPLES\n")[2]
    device, persona = re.findall(r"^```\n(.*?)^```", examples, re.M | re.S)
    (tmp_path / "persona.d").mkdir()
    (tmp_path / "pinshim.conf").write_text(device)
    (tmp_path / "persona.d" / "sales.conf").write_text(persona)
    done = product.pinshim("check", tmp_path / "pinshim.conf")
    assert (done.returncode, done.stderr) == (0, "")
