"""Whether programs in a root are protected: a client before the genuine server and before a man in the middle."""

import attacker
import pki
import product

LIBRARY = f"/usr/lib/{product.multiarch()}/pinshim/libpinshim.so"
CLIENTS = {
    "curl": ("curl", "-sS", "-m", "20", "--cacert", "/root/ca.pem"),
    "wget": ("wget", "-q", "-O", "-", "--tries=1", "--timeout=20", "--ca-certificate=/root/ca.pem"),
}
RUN = ("pinshim", "run", "--")


def ask(root, name, identity, *before):
    """What one client does before a server: its end, and the bytes that the server got."""
    with attacker.Server(identity) as server:
        done = root.run(*before, *CLIENTS[name], f"https://{pki.PINNED}:{server.port}/secret")
        connections = server.finish()
    assert connections, done
    return done, attacker.leaked(connections), connections[0].alert


def assert_protected(root, certificates, name, *before):
    """Refused before a man in the middle, and nothing else changes."""
    done, leaked, _ = ask(root, name, certificates.attacker, *before)
    assert done.status != 0 and leaked == b"" and done.stdout == "", done
    assert "cannot be preloaded" not in done.output
    done, leaked, _ = ask(root, name, certificates.genuine, *before)
    assert done.status == 0 and b"GET /secret" in leaked, done
    assert done.stdout.encode() == attacker.BODY


def assert_unprotected(root, certificates, name):
    """The attack works."""
    done, leaked, _ = ask(root, name, certificates.attacker)
    assert done.status == 0 and b"GET /secret" in leaked and done.stderr == "", done


def assert_no_preload(root):
    """No program has the library, and none complains."""
    assert root.preload is None
    done = root.run("cat", "/proc/self/maps")
    assert "pinshim" not in done.stdout and done.stderr == "", done
