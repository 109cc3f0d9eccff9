"""The policies of samples/: they compile once they are filled in, and mean what their comments say."""

import base64
import hashlib
import json
import re
import shutil

import product
import pytest

SAMPLES = product.PROJECT / "samples"
PLACEHOLDER = re.compile(r'"sha256//(?:PIN-OF|FILL-IN)[^"]*"')
POLICIES = ("local.conf", "maas360.conf", "company/pinshim.conf")


def texts_of(policy):
    """Its file, and its personas'."""
    return [policy, *sorted((policy.parent / "persona.d").glob("*.conf"))]


@pytest.fixture(params=POLICIES)
def sample(request, tmp_path):
    """A policy as it stands in the tree."""
    source = SAMPLES / request.param
    if source.parent != SAMPLES:
        shutil.copytree(source.parent, tmp_path, dirs_exist_ok=True)
    return shutil.copy(source, tmp_path / source.name)


def fill_in(policy, certificates):
    """A pin for each placeholder, and the office's proxy."""
    for text in texts_of(policy):
        filled = PLACEHOLDER.sub(
            lambda name: '"sha256//%s"'
            % base64.b64encode(hashlib.sha256(name[0].encode()).digest()).decode(),
            text.read_text(),
        )
        text.write_text(filled)
    if (policy.parent / "persona.d").exists():
        shutil.copy(
            certificates.attacker_root.certificate_file,
            policy.parent / "persona.d" / "office-proxy.pem",
        )


def test_placeholders_are_errors(sample):
    """Each on its line, and nothing is started."""
    assert PLACEHOLDER.search(sample.read_text())
    result = product.pinshim("check", sample)
    assert result.returncode == 1
    for text in texts_of(sample):
        lines = enumerate(text.read_text().splitlines(), 1)
        for number in (number for number, line in lines if PLACEHOLDER.search(line)):
            assert f"{text}:{number}: error: " in result.stderr
    assert product.pinshim("run", "--config", sample, "true").returncode == 125


def test_sample_compiles_once_it_is_filled_in(sample, certificates, tmp_path):
    fill_in(sample, certificates)
    result = product.pinshim("check", sample)
    assert result.returncode == 0 and "error" not in result.stderr
    assert product.pinshim("compile", "-o", tmp_path / "policy.cdb", sample).returncode == 0


# Whom a host is pinned for: the service, and whether an inspecting proxy may stand before it; None: for nobody.
EVERYBODY = {
    "enroll.corp.example": "enrollment",
    "api.partner.example": "custom",
    "gateway.corp.example": "gateway",
    "a.cdn.corp.example": None,
}
CLOUD = {"portal.corp.example": "cloud"}
NO_CLOUD = {"portal.corp.example": None, "mail.corp.example": None}
MEANT = {
    "nobody-in-particular": ([], [], {**EVERYBODY, **NO_CLOUD, "consoles.corp.example": None}),
    "field-sales": (["field-laptops"], [], {**EVERYBODY, **CLOUD, "mail.corp.example": "email"}),
    "office": (["office-desktops"], [], {**EVERYBODY, **CLOUD, "mail.corp.example": "cloud"}),
    "contractors": ([], ["users"], {**EVERYBODY, **CLOUD, "files.corp.example": "workplace"}),
    "kiosks": (["kiosks"], [], {**EVERYBODY, **CLOUD, "kiosk.corp.example": "workplace"}),
    "administrators": (
        [],
        ["adm"],
        {**EVERYBODY, **NO_CLOUD, "a.consoles.corp.example": "gateway"},
    ),
    "guests": (["private"], [], {**EVERYBODY, **NO_CLOUD, "mail.corp.example": "email"}),
}


@product.needs_root
@pytest.mark.parametrize("persona", MEANT)
def test_personas_of_a_company_mean_what_they_say(persona, certificates, tmp_path):
    """To a device, and to a process, of the groups that they name."""
    device_groups, user_groups, meant = MEANT[persona]
    shutil.copytree(SAMPLES / "company", tmp_path, dirs_exist_ok=True)
    policy = tmp_path / "pinshim.conf"
    fill_in(policy, certificates)
    text = policy.read_text()
    assert text.count('groups = ["field-laptops"]') == 1
    policy.write_text(text.replace('["field-laptops"]', json.dumps(device_groups)))
    become = ["setpriv", "--regid=root", f"--groups={','.join(['root', *user_groups])}"]
    said = {}
    for host in meant:
        words = [*become, product.PINSHIM, "explain", "--json", "-c", policy, host]
        result = product.run(words, product.command_environment())
        assert result.returncode == 0, result
        said[host] = json.loads(result.stdout)
    assert {host: one["pinned"] and one["service"] or None for host, one in said.items()} == meant
    inspected = {
        host for host, one in said.items() if (one["satisfied_by"] or {}).get("ssl_inspection")
    }
    pinned = {host for host, service in meant.items() if service not in (None, "enrollment")}
    assert inspected == (pinned if persona == "office" else set())


def test_every_persona_of_a_company_is_tried():
    tried = {"everyone", *MEANT} - {"nobody-in-particular"}
    assert {file.stem for file in (SAMPLES / "company" / "persona.d").glob("*.conf")} == tried
