"""pinshim status: what it says of real processes, protected and not."""

import os
import re

import attacker
import c_programs
import clients
import examination
import pki
import policies
import processes
import product
import pytest

pytestmark = examination.readable


@pytest.fixture
def policy(folder, certificates):
    """Pins the genuine leaf."""
    return policies.pinning(folder / "policy", certificates.genuine.pin)


# --- protected, or not


def test_a_protected_process(folder, policy):
    image = policies.image_of(policy)
    with examination.python(folder, policy=image) as program:
        found = examination.row(program.pid)
        line = examination.line(program.pid, "--tls")
    assert (found["protected"], found["state"], found["why"]) == (True, "yes", None)
    assert found["policy"] == {"state": "in force", "version": policies.version_of(image)}
    assert found["library"]["file"] == str(product.LIBRARY)
    assert found["library"]["version"] == (product.PROJECT / "VERSION").read_text().strip()
    assert examination.families(found) == {"OpenSSL"}
    assert found["verdicts"] == {"allowed": 0, "reported": 0, "refused": 0}
    assert found["last_verdict"] is None
    assert re.search(rf" python3 +OpenSSL +yes +{policies.version_of(image)} +- +-$", line)


def test_the_same_program_without_the_library(folder):
    with examination.python(folder) as program:
        found = examination.row(program.pid)
        line = examination.line(program.pid)
    assert (found["protected"], found["state"]) == (False, "no")
    assert found["library"] is found["policy"] is found["verdicts"] is found["last_verdict"] is None
    assert found["why"] == "started without libpinshim.so in LD_PRELOAD"
    assert line.endswith("started without libpinshim.so in LD_PRELOAD")


def test_a_program_without_tls_has_nothing_to_protect(folder, policy):
    """It would be protected under the library, and not without it."""
    program = c_programs.waiting(folder, "client")
    for words, protected in (
        ([program], False),
        ([*product.under_shim(policy.path), program], True),
    ):
        with examination.waiting(words, product.environment(folder)) as daemon:
            found = examination.row(daemon.pid)
            assert daemon.pid not in [row["pid"] for row in examination.status("--tls")]
        assert (found["state"], found["protected"], found["tls"]) == ("no TLS", protected, [])
        assert found["why"].startswith("nothing to protect so far; ")


def test_no_policy_is_no_protection(folder):
    env = product.environment(folder, product.LIBRARY)
    with examination.python(folder, env=env) as program:
        found = examination.row(program.pid)
    assert (found["state"], found["policy"]["state"]) == ("no", "none")
    assert found["policy"]["version"] is None and "no policy" in found["why"]


def test_an_unreadable_policy_refuses_everything(folder, bad_policy_file):
    env = product.preloaded(folder, bad_policy_file)
    with examination.python(folder, env=env) as program:
        found = examination.row(program.pid)
    assert found["policy"] == {"state": "unreadable", "version": None}
    assert "each handshake is refused" in found["why"]


def test_a_policy_that_only_reports(folder, certificates):
    policy = policies.pinning(folder / "policy", certificates.genuine.pin, action="report")
    with examination.python(folder, policy=policy.path) as program:
        found = examination.row(program.pid)
    assert (found["state"], found["protected"]) == ("reported", False)
    assert found["policy"]["state"] == "reported only"


def test_a_replaced_policy_is_the_one_that_is_told(folder, certificates, policy):
    image = policies.image_of(policy)
    other = policies.pinning(folder / "other", certificates.genuine.pin, name=pki.UNPINNED)
    with attacker.Server(certificates.attacker) as server:
        with clients.OnRequest(folder, certificates, server.port, image) as client:
            client.connect()
            assert examination.row(client.pid)["policy"]["version"] == policies.version_of(image)
            policies.replace(image, policies.image_of(other).read_bytes())
            client.connect_until(lambda outcome: outcome == "connected")
            found = examination.row(client.pid)
    assert found["policy"]["version"] == policies.version_of(policies.image_of(other))


# --- verdicts


def test_the_last_verdict_and_how_many_there_were(folder, certificates, genuine, policy):
    with attacker.Server(certificates.attacker) as server:
        with clients.OnRequest(folder, certificates, server.port, policy.path) as client:
            client.connect()
            client.connect()
            found = examination.row(client.pid)
            line = examination.line(client.pid)
    assert server.received() == b""
    last = found["last_verdict"]
    assert last["host"] == pki.PINNED
    assert (last["verdict"], last["outcome"]) == ("pin-mismatch", "refused")
    assert last["time"] == policy.events()[-1]["time"]
    assert found["verdicts"] == {"allowed": 0, "reported": 0, "refused": len(policy.events())}
    assert f"{pki.PINNED} pin-mismatch (refused)" in line
    with clients.OnRequest(folder, certificates, genuine.port, policy.path) as client:
        assert client.connect() == "connected"
        found = examination.row(client.pid)
    assert found["last_verdict"]["verdict"] == "leaf-match"
    assert found["verdicts"] == {"allowed": 1, "reported": 0, "refused": 0}


def test_a_connection_that_is_not_pinned_leaves_no_verdict(folder, certificates, genuine):
    policy = policies.pinning(folder / "policy", certificates.genuine.pin, name=pki.UNPINNED)
    with clients.OnRequest(folder, certificates, genuine.port, policy.path) as client:
        assert client.connect() == "connected"
        found = examination.row(client.pid)
    assert found["state"] == "yes" and found["last_verdict"] is None


# --- children

FORK = """
import os, socket
def attempt():
    try:
        with socket.create_connection(("127.0.0.1", {port}), 10) as raw:
            ssl.create_default_context(cafile={bundle!r}).wrap_socket(raw, server_hostname={host!r})
    except ssl.SSLError:
        pass
attempt()
if not os.fork():
    {child}
    print("child", os.getpid(), flush=True)
    sys.stdin.read()
    os._exit(0)
"""


@pytest.mark.parametrize("child, refused", (("pass", None), ("attempt(); attempt()", 2)))
def test_a_forked_child_is_protected_and_its_parent_s_verdicts_are_not_its_own(
    folder, certificates, policy, child, refused
):
    with attacker.Server(certificates.attacker) as server:
        code = FORK.format(
            port=server.port, bundle=str(certificates.bundle), host=pki.PINNED, child=child
        )
        with examination.python(folder, code, policy=policy.path) as program:
            pid = int(program.wait_for_match(r"^child (\d+)")[1])
            parent, found = examination.row(program.pid), examination.row(pid)
    assert parent["verdicts"]["refused"] == 1 and parent["last_verdict"]["host"] == pki.PINNED
    assert (found["state"], found["parent"]) == ("yes", program.pid)
    assert found["policy"] == parent["policy"]
    assert found["verdicts"]["refused"] == (refused or 0)
    assert (found["last_verdict"] is None) == (refused is None)


def test_a_child_that_dropped_the_preload_is_told(folder, policy):
    child = (
        "import os, subprocess\n"
        "env = {n: v for n, v in os.environ.items() if n != 'LD_PRELOAD'}\n"
        "code = 'import ssl, sys, os; print(\"child\", os.getpid(), flush=True); sys.stdin.read()'\n"
        "subprocess.Popen([sys.executable, '-c', code], env=env)\n"
    )
    with examination.python(folder, child, policy=policy.path) as program:
        pid = int(program.wait_for_match(r"^child (\d+)")[1])
        found, parent = examination.row(pid), examination.row(program.pid)
    assert parent["state"] == "yes"
    assert (found["state"], found["parent"]) == ("no", program.pid)
    assert found["why"].startswith("dropped: started without LD_PRELOAD by python3 ")


def test_a_preload_that_the_loader_did_not_take_is_told(folder):
    env = {**processes.plain_environment(folder), "LD_PRELOAD": "/nonexistent/libpinshim.so"}
    with examination.python(folder, env=env) as program:
        found = examination.row(program.pid)
    assert found["state"] == "no" and "didn't take it" in found["why"]


# --- what no preload reaches


def test_a_static_program(folder):
    program = c_programs.waiting(folder, "client", "-static")
    with examination.waiting([program], product.environment(folder)) as daemon:
        found = examination.row(daemon.pid)
    assert found["state"] == "no TLS" and found["why"].endswith("statically linked")


@pytest.mark.parametrize("flags", ([], ["-static"]), ids=("dynamic", "static"))
def test_tls_inside_a_program(folder, policy, flags):
    """Under the library, too, where it can be had."""
    source = 'const char text[] = "../ssl/statem/statem_clnt.c";\n'
    program = c_programs.waiting(folder, "client", "-rdynamic", *flags, source=source)
    for env in product.environment(folder), product.preloaded(folder, policy.path):
        with examination.waiting([program], env) as daemon:
            found = examination.row(daemon.pid)
        assert (found["state"], found["protected"]) == ("no", False)
        assert "TLS built in: an OpenSSL of its own" in found["why"]
        (tls,) = found["tls"]
        assert tls["inside"] and not tls["hooked"] and tls["file"] == str(program)


def test_tls_inside_a_library(folder, policy):
    text = (
        'const char text[] = "../ssl/statem/statem_clnt.c"; int inside(void) { return !text[0]; }'
    )
    library = c_programs.library(folder, "libbundle.so.1", text)
    program = c_programs.waiting(
        folder,
        "client",
        library,
        f"-Wl,-rpath,{folder}",
        source="int inside(void);\n",
        before="if (inside()) return 1;",
    )
    with examination.waiting([program], product.preloaded(folder, policy.path)) as daemon:
        found = examination.row(daemon.pid)
    assert found["state"] == "no" and found["tls"][0]["file"] == str(library)


def test_a_library_without_hooks_beside_one_with(folder, policy):
    library = c_programs.library(folder, "libwolfssl.so.35", "int other(void) { return 0; }")
    program = c_programs.waiting(
        folder,
        "client",
        library,
        f"-Wl,-rpath,{folder}",
        "-lssl",
        source="int other(void); int OPENSSL_init_ssl(long, void *);\n",
        before="if (other() || !OPENSSL_init_ssl(0, 0)) return 1;",
    )
    with examination.waiting([program], product.preloaded(folder, policy.path)) as daemon:
        found = examination.row(daemon.pid)
    assert (found["state"], found["protected"]) == ("partly", False)
    assert found["why"] == "no hooks for wolfSSL"
    assert examination.families(found) == {"OpenSSL", "wolfSSL"}


@product.needs_root
def test_a_set_user_id_program(folder, open_folder, policy):
    if os.statvfs(open_folder).f_flag & os.ST_NOSUID:
        pytest.skip("set-uid programs don't change their user in this file system")
    program = c_programs.waiting(
        open_folder,
        "client",
        "-lssl",
        source="int OPENSSL_init_ssl(long, void *);\n",
        before="if (!OPENSSL_init_ssl(0, 0)) return 1;",
    )
    program.chmod(0o4755)
    env = product.preloaded(folder, policy.path)
    for prefix, state in (["setpriv", *examination.NOBODY], "no"), ([], "yes"):
        if prefix:  # the loader of setpriv itself has no use for it
            env_words = ["env", f"LD_PRELOAD={env['LD_PRELOAD']}", program]
            words, given = [*prefix, *env_words], processes.plain_environment(folder)
        else:
            words, given = [program], env
        with examination.waiting(words, given) as daemon:
            found = examination.row(daemon.pid)
        assert found["state"] == state
        assert (state == "no") == ("set-user-ID" in (found["why"] or ""))
