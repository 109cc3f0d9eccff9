"""Bundles for the tests: policies that an administrator's key has signed."""

import dataclasses
import json
import pathlib
import subprocess

import product


def openssl(*arguments, stdin=b""):
    """What openssl prints, as bytes; it must succeed."""
    words = ["openssl", *map(str, arguments)]
    return subprocess.run(words, input=stdin, capture_output=True, check=True).stdout


@dataclasses.dataclass(frozen=True)
class Key:
    """A key of Ed25519, as openssl makes it."""

    private: pathlib.Path
    public: pathlib.Path

    @property
    def text(self):
        """As a policy spells it."""
        done = product.pinshim("bundle", "key", self.public)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


def new_key(folder, name="key"):
    """A fresh one."""
    key = Key(folder / f"{name}.pem", folder / f"{name}-public.pem")
    openssl("genpkey", "-algorithm", "ed25519", "-out", key.private)
    openssl("pkey", "-in", key.private, "-pubout", "-out", key.public)
    return key


def create(output, policy_folder, key, *, version=1, expires="2099-12-31"):
    """`pinshim bundle create`; its outcome."""
    words = ["-o", output, "--version", version, "--expires", expires, "--key", key.private]
    return product.pinshim("bundle", "create", *words, policy_folder)


def make(output, policy_folder, key, **settings):
    """A bundle that must become one; its path."""
    done = create(output, policy_folder, key, **settings)
    assert done.returncode == 0, done.stderr
    return output


def sign(output, payload, key):
    """A bundle around any payload, as somebody with a key and openssl alone makes one."""
    payload = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    text = output.with_suffix(".signed")
    text.write_bytes(b"pinshim-bundle 1\n" + payload)
    words = ["pkeyutl", "-sign", "-rawin", "-inkey", key.private, "-in", text]
    signature = openssl("base64", "-A", stdin=openssl(*words)).decode()
    head = f"pinshim-bundle 1\n{key.text} {signature}\n\n"
    output.write_bytes(head.encode() + payload)
    return output


def payload(*, version=1, created="2026-01-01T00:00:00Z", expires="2099-12-31T00:00:00Z", **files):
    """The object inside. Files: `pinshim_conf`, and `more`, by their paths."""
    texts = {"pinshim.conf": files.get("pinshim_conf", "version = 1;\n"), **files.get("more", {})}
    return {"version": version, "created": created, "expires": expires, "files": texts}
