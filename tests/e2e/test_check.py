"""pinshim check: every error and warning, with file and line."""

import json
import re

import policies
import product
import pytest


def test_check_accepts_a_policy_and_its_image(policy_file, image_file):
    for path in policy_file, image_file:
        result = product.pinshim("check", path)
        assert result.returncode == 0 and "error" not in result.stderr
        assert result.stdout.startswith(f"{path}: ")


def test_check_names_file_and_line(bad_policy_file):
    result = product.pinshim("check", bad_policy_file)
    assert (result.returncode, result.stdout) == (1, "")
    assert re.match(rf"{bad_policy_file}:2: error: ", result.stderr)


def test_check_tells_every_error(tmp_path):
    policy_file = tmp_path / "two.conf"
    policy_file.write_text(
        policies.TEXT.replace(policies.PIN, "sha256//short").replace(
            "version = 1;", 'version = 1;\naction = "explode";'
        )
    )
    errors = product.pinshim("check", policy_file).stderr
    assert f"{policy_file}:2: error: " in errors and f"{policy_file}:3: error: " in errors


@pytest.mark.parametrize("path", ["missing.conf", "/dev/null", "/"])
def test_check_of_what_is_no_policy_fails(path, tmp_path):
    result = product.pinshim("check", path, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.startswith(f"{path}: error: ")


def test_check_refuses_a_damaged_image(image_file):
    policies.damage(image_file)
    result = product.pinshim("check", image_file)
    assert result.returncode == 1
    assert result.stderr.startswith(f"{image_file}: error: ")


@pytest.mark.parametrize("subcommand", ["check", "compile"])
def test_without_a_file_the_environment_names_it(subcommand, bad_policy_file):
    output = ["-o", bad_policy_file.with_name("policy.cdb")] if subcommand == "compile" else []
    result = product.pinshim(
        subcommand, *output, env=product.command_environment(PINSHIM_CONFIG=bad_policy_file)
    )
    assert result.returncode == 1
    assert f"{bad_policy_file}:2: error: " in result.stderr


# --- as JSON


def as_json(path, **options):
    """The status, and the object; nothing is said on stderr."""
    result = product.pinshim("check", "--json", path, **options)
    assert result.stderr == "" and result.stdout.isascii() and "\033" not in result.stdout
    return result.returncode, json.loads(result.stdout)


def test_json_of_what_is_valid(policy_file, image_file):
    status, found = as_json(policy_file)
    assert [item["severity"] for item in found.pop("diagnostics")] == ["warning"]  # one pin alone
    assert (status, found) == (0, {"file": str(policy_file), "kind": "text", "valid": True})
    status, found = as_json(image_file)
    version = found.pop("policy_version")
    assert (status, found) == (
        0,
        {"file": str(image_file), "kind": "image", "valid": True, "diagnostics": []},
    )
    assert f"policy version {version}\n" in product.pinshim("check", image_file).stdout


def test_json_says_what_the_text_says(tmp_path):
    """Every diagnostic of a policy and of its persona, in the same order."""
    path = tmp_path / "pinshim.conf"
    path.write_text(
        policies.TEXT.replace(policies.PIN, "short-\033[31m").replace(
            "version = 1;", 'version = 1;\naction = "explode";'
        )
        + 'agent = { url = "https://x.example"; public_key = "x"; };\n'
    )
    (tmp_path / "persona.d").mkdir()
    (tmp_path / "persona.d" / "a.conf").write_text("persona = { nonsense = 1; };\n")
    status, found = as_json(path)
    assert (status, found["kind"], found["valid"]) == (1, "text", False)
    assert {item["severity"] for item in found["diagnostics"]} == {"error", "warning"}
    assert any(item["file"].endswith("persona.d/a.conf") for item in found["diagnostics"])
    assert any("short-\033[31m" in item["message"] for item in found["diagnostics"])
    said = [
        ":".join(str(item[key]) for key in ("file", "line") if item[key] is not None)
        + f": {item['severity']}: {item['message']}".replace("\033", "?")
        for item in found["diagnostics"]
    ]
    assert said == product.pinshim("check", path).stderr.splitlines()


def test_json_of_what_can_not_be_read(image_file, tmp_path):
    status, found = as_json("missing.conf", cwd=tmp_path)
    assert (status, found["kind"], found["valid"]) == (1, None, False)
    assert found["diagnostics"] == [
        {
            "file": "missing.conf",
            "line": None,
            "severity": "error",
            "message": "No such file or directory",
        }
    ]
    policies.damage(image_file)
    status, found = as_json(image_file)
    assert (status, found["kind"], found["valid"]) == (1, "image", False)
    assert "damaged" in found["diagnostics"][0]["message"] and "policy_version" not in found


def test_json_of_names_that_are_no_utf8(tmp_path):
    path = tmp_path / "\udcff-\u00fc\177.conf"
    path.write_text("nonsense\n")
    status, found = as_json(path)
    assert status == 1 and found["file"] == f"{tmp_path}/\ufffd-\u00fc\177.conf"
