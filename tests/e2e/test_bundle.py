"""pinshim bundle: a policy as one signed file."""

import json
import re

import bundles
import policies
import product
import pytest


@pytest.fixture
def key(tmp_path):
    """The administrator's."""
    return bundles.new_key(tmp_path)


@pytest.fixture
def device(tmp_path, certificates):
    """A policy with a persona and certificates, in a folder of its own."""
    folder = tmp_path / "device"
    (folder / "certs").mkdir(parents=True)
    for name, identity in ("leaf", certificates.genuine), ("root", certificates.root):
        (folder / "certs" / f"{name}.pem").write_bytes(identity.certificate_file.read_bytes())
    pinned = policies.entry("a.example", certificates=["certs/leaf.pem", "certs/root.pem"])
    mail = policies.entry("mail.example", service="email", pins=[policies.PIN])
    events = tmp_path / "events.jsonl"
    policies.write(folder, pinned, personas=[policies.persona("p", mail)], events_file=events)
    return folder


@pytest.fixture
def bundle(tmp_path, device, key):
    """It, signed."""
    return bundles.make(tmp_path / "bundle", device, key)


def verify(path, *keys):
    """`pinshim bundle verify`."""
    words = [word for key in keys for word in ("--public-key", key.public)]
    return product.pinshim("bundle", "verify", *words, path)


def shown(path):
    """`pinshim bundle show`."""
    return json.loads(product.pinshim("bundle", "show", "--json", path).stdout)


def refused(done, message):
    """One line that says why, and nothing else."""
    assert (done.returncode, done.stdout) == (1, ""), done
    assert re.search(message, done.stderr), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    return True


def test_bundle_carries_the_policy_and_what_it_names(bundle, device, key):
    assert verify(bundle, key).returncode == 0
    found = shown(bundle)
    assert found["version"] == 1 and found["expires"] == "2099-12-31T23:59:59Z"
    assert found["signatures"] == [{"public_key": key.text, "holds": True}]
    names = ["pinshim.conf", "persona.d/0.conf", "certs/leaf.pem", "certs/root.pem"]
    assert found["files"] == {name: (device / name).read_text() for name in names}
    for name in names:
        text = product.pinshim("bundle", "show", "--file", name, bundle).stdout
        assert text == found["files"][name]
    assert product.pinshim("bundle", "show", "--file", "nothing", bundle).returncode == 1
    assert "persona.d/0.conf" in product.pinshim("bundle", "show", bundle).stdout


def test_openssl_alone_can_check_a_bundle(bundle, tmp_path, key):
    """As docs/bundle.md says it."""
    head, payload = bundle.read_bytes().split(b"\n\n", 1)
    first, line = head.split(b"\n")
    (tmp_path / "text").write_bytes(first + b"\n" + payload)
    signature = bundles.openssl("base64", "-d", "-A", stdin=line.split(b" ")[1])
    (tmp_path / "signature").write_bytes(signature)
    words = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", key.public]
    words += ["-in", tmp_path / "text", "-sigfile", tmp_path / "signature"]
    assert b"Verified Successfully" in bundles.openssl(*words)


def test_what_openssl_has_signed_is_a_bundle(tmp_path, key):
    bundle = bundles.sign(tmp_path / "bundle", bundles.payload(version=9), key)
    assert verify(bundle, key).returncode == 0
    assert shown(bundle)["version"] == 9


def test_rotation_of_the_key(bundle, tmp_path, key):
    """Signed by the old and the new one, each fleet takes it; the old one's signature stays."""
    new = bundles.new_key(tmp_path, "new")
    refused(verify(bundle, new), "isn't signed by an accepted key")
    assert product.pinshim("bundle", "sign", "--key", new.private, bundle).returncode == 0
    for accepted in [key], [new], [key, new], [bundles.new_key(tmp_path, "other"), new]:
        assert verify(bundle, *accepted).returncode == 0
    assert [s["public_key"] for s in shown(bundle)["signatures"]] == [key.text, new.text]
    before = bundle.read_bytes()
    assert product.pinshim("bundle", "sign", "--key", new.private, bundle).returncode == 0
    assert bundle.read_bytes() == before


def test_key_is_shown_as_a_policy_spells_it(key):
    of_private = product.pinshim("bundle", "key", key.private).stdout.strip()
    assert re.fullmatch(r"ed25519//[A-Za-z0-9+/]{43}=", key.text) and of_private == key.text


def test_key_by_its_uri(tmp_path, device, key):
    """As a token's are named."""
    by_uri = bundles.Key(f"file:{key.private}", key.public)
    assert verify(bundles.make(tmp_path / "bundle", device, by_uri), key).returncode == 0


def test_no_bundle_orders_a_terminal_about(tmp_path, key):
    """Whoever signed it, if anybody did."""
    text = "version = 1;\n# \033[31m\x7f\u00e4\n"
    bundle = bundles.sign(tmp_path / "bundle", bundles.payload(pinshim_conf=text), key)
    words = ["bundle", "show", "--file", "pinshim.conf", bundle]
    assert product.pinshim(*words).stdout == text
    shown_there = product.on_terminal(*words, stream="stdout")
    assert "\033" not in shown_there and "# ?[31m?\u00e4" in shown_there


def test_key_with_a_pass_phrase_is_none_without_it(tmp_path, device):
    """There is no terminal to ask at here."""
    path = tmp_path / "secret.pem"
    words = ["genpkey", "-algorithm", "ed25519", "-aes-128-cbc", "-pass", "pass:x", "-out", path]
    bundles.openssl(*words)
    done = bundles.create(tmp_path / "b", device, bundles.Key(path, path))
    assert done.returncode == 1 and not (tmp_path / "b").exists()


# --- what is no bundle, and what is none of ours


def altered(data):
    """Another pin in the payload."""
    return data.replace(b"a.example", b"b.example")


def unsigned(data):
    """Without its signatures."""
    return b"pinshim-bundle 1\n\n" + data.split(b"\n\n", 1)[1]


def other_key(data):
    """The key beside the signature is another one."""
    return re.sub(rb"ed25519//....", b"ed25519//AAAA", data)


ATTACKS = {
    "altered": (altered, "was altered since|isn't signed"),
    "unsigned": (unsigned, "isn't signed"),
    "other key": (other_key, "isn't signed by an accepted key"),
    "truncated": (lambda data: data[:-1], "altered since"),
    "cut in its signature": (lambda data: data[:100], "a line among its signatures"),
    "longer": (lambda data: data + b" ", "altered since"),
    "empty": (lambda data: b"", "no bundle"),
    "a page": (lambda data: b"<html>Sign in</html>", "no bundle"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_bundle_that_is_not_as_it_was_signed(bundle, key, attack):
    change, message = ATTACKS[attack]
    assert verify(bundle, key).returncode == 0
    bundle.write_bytes(change(bundle.read_bytes()))
    refused(verify(bundle, key), message)


@pytest.mark.parametrize("action", ["verify", "show", "sign"])
def test_no_more_is_read_than_a_bundle_may_have(action, key, tmp_path):
    """One gigabyte, and a file without an end."""
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.write(b"pinshim-bundle 1\n")
        file.truncate(1 << 30)
    words = {"verify": ["-p", key.public], "show": [], "sign": ["-k", key.private]}[action]
    for path in large, "/dev/zero":
        refused(product.pinshim("bundle", action, *words, path), "is larger than 16 MB")


def test_expired_bundle_is_refused(tmp_path, key):
    past = bundles.payload(expires="2026-02-01T00:00:00Z")
    bundle = bundles.sign(tmp_path / "bundle", past, key)
    refused(verify(bundle, key), "has expired at 2026-02-01T00:00:00Z")


def test_altered_bundle_gets_no_other_signature(bundle, key):
    """Else whoever signs after its author would vouch for somebody else's text."""
    bundle.write_bytes(altered(bundle.read_bytes()))
    before = bundle.read_bytes()
    refused(product.pinshim("bundle", "sign", "-k", key.private, bundle), "was altered")
    assert bundle.read_bytes() == before


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "a/../../b", ".ssh/x", "a\nb"])
def test_path_that_leads_elsewhere_is_refused(tmp_path, key, path):
    """Also of a bundle that is signed."""
    bundle = bundles.sign(tmp_path / "bundle", bundles.payload(more={path: "x"}), key)
    refused(verify(bundle, key), "has a file that may not be called")


# --- what becomes none


def test_policy_with_errors_makes_no_bundle(tmp_path, device, key):
    text = (device / "pinshim.conf").read_text()
    (device / "pinshim.conf").write_text(text.replace("leaf.pem", "gone.pem"))
    done = bundles.create(tmp_path / "bundle", device, key)
    assert done.returncode == 1 and re.search(r"^pinshim.conf:\d+: error: ", done.stderr, re.M)
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize(
    "agent, message",
    [
        ('url = "https://x.example/b"; public_key = "ed25519//x=";', "holds what is no key"),
        ('url = "https://x.example/b"; public_key = [];', "no device would accept another bundle"),
        ('url = "http://x.example/b"; public_key = [];', "no https:// URL"),
    ],
)
def test_bundle_that_would_be_the_last_one_is_none(tmp_path, device, key, agent, message):
    with (device / "pinshim.conf").open("a") as file:
        file.write(f"agent = {{ {agent} }};\n")
    done = bundles.create(tmp_path / "bundle", device, key)
    assert done.returncode == 1 and message in done.stderr
    assert not (tmp_path / "bundle").exists()


def test_events_go_to_no_file_beside_the_policy(tmp_path, key):
    """There is no such place on a device."""
    folder = tmp_path / "device"
    policies.write(folder, policies.entry("a.example", pins=[policies.PIN]), events_file="e.jsonl")
    done = bundles.create(tmp_path / "bundle", folder, key)
    assert done.returncode == 1 and "must have an absolute path, in a bundle" in done.stderr


@pytest.mark.parametrize("place", ("roots", "d-roots"))  # "d" is the policy's
def test_certificate_by_its_whole_path_is_each_device_s_own(tmp_path, key, certificates, place):
    root = tmp_path / place / "root.pem"
    root.parent.mkdir()
    root.write_bytes(certificates.root.certificate_file.read_bytes())
    entry = policies.entry("a.example", certificates=[root])
    folder = policies.write(tmp_path / "d", entry, events_file=tmp_path / "e").path.parent
    done = bundles.create(tmp_path / "bundle", folder, key)
    assert done.returncode == 0 and "each device reads its own" in done.stderr
    assert list(shown(tmp_path / "bundle")["files"]) == ["pinshim.conf"]


def test_certificate_above_the_folder_is_refused(tmp_path, key, certificates):
    (tmp_path / "root.pem").write_bytes(certificates.root.certificate_file.read_bytes())
    entry = policies.entry("a.example", certificates=["../root.pem"])
    folder = policies.write(tmp_path / "d", entry, events_file=tmp_path / "e").path.parent
    done = bundles.create(tmp_path / "bundle", folder, key)
    assert done.returncode == 1 and "can't be in a bundle" in done.stderr


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"version": 0}, "the version is a number from 1"),
        ({"version": "1x"}, "the version is a number from 1"),
        ({"version": "9" * 16}, "the version is a number from 1"),
        ({"expires": "tomorrow"}, "it expires at a DATE"),
        ({"expires": "2099-02-30"}, "it expires at a DATE"),
    ],
)
def test_order_that_makes_no_sense(tmp_path, device, key, settings, message):
    done = bundles.create(tmp_path / "bundle", device, key, **settings)
    assert done.returncode == 2 and message in done.stderr
    assert not (tmp_path / "bundle").exists()


def test_bundle_that_would_expire_at_once_is_none(tmp_path, device, key):
    done = bundles.create(tmp_path / "bundle", device, key, expires="2020-01-01")
    refused(done, "it would expire at once")


def test_output_is_whole_or_not_at_all(bundle, device, key, tmp_path):
    before = bundle.read_bytes()
    done = bundles.create("/dev/full/bundle", device, key)
    assert done.returncode == 1
    (device / "pinshim.conf").write_text("nonsense")
    assert bundles.create(bundle, device, key, version=2).returncode == 1
    assert bundle.read_bytes() == before
    assert not list(tmp_path.glob("bundle.*"))
